/** What is decided beside the grid: which part of the file, who the rows are, where they go, and what happens to known ones. */
import { MultiSelect, NumberInput, Radio, SegmentedControl, Select, TextInput } from "@mantine/core";
import type { Id } from "@/api/types.ts";
import { t } from "@/i18n/i18n.tsx";
import { GroupsPicker } from "../kit/GroupsPicker.tsx";
import type { ColumnSetting, Import, Kind, Mode, Target } from "./api.ts";
import { targetLabel } from "./ColumnHead.tsx";
import { type Draft, matchFields } from "./draft.ts";
import css from "./import.module.css";

const DELIMITER_WORDS = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "pipe",
  "،": "persian_comma",
  "؛": "persian_semicolon",
  ":": "colon",
  "^": "caret",
  "~": "tilde",
} as const;

type ChoicesProps = {
  found: Import;
  draft: Draft;
  kind: Kind;
  columns: ColumnSetting[];
  targets: Target[];
  encodings: string[];
  delimiters: string[];
  change: (part: Partial<Draft>) => void;
  onReading: (reading: { encoding?: string; delimiter?: string }) => void;
};

export function Choices(props: ChoicesProps) {
  return (
    <div className={css.choices}>
      <WhoPart {...props} />
      <KnownPart {...props} />
      <FilePart {...props} />
    </div>
  );
}

function FilePart({ found, draft, encodings, delimiters, change, onReading }: ChoicesProps) {
  return (
    <fieldset className={css.part}>
      <legend className={css.partTitle}>{t("importing.part.file")}</legend>
      {found.sheets.length > 1 ? (
        <Select
          label={t("importing.sheet")}
          data={found.sheets.map((sheet) => ({
            value: sheet.name,
            label: t("importing.sheet_size", { name: sheet.name, rows: sheet.rows, columns: sheet.columns }),
          }))}
          value={draft.sheet}
          allowDeselect={false}
          onChange={(sheet) => sheet && change({ sheet })}
        />
      ) : null}
      {found.encoding ? (
        <Select
          label={t("importing.encoding")}
          data={[...new Set([found.encoding, ...encodings])]}
          value={found.encoding}
          allowDeselect={false}
          onChange={(encoding) => encoding && encoding !== found.encoding && onReading({ encoding })}
        />
      ) : null}
      {found.delimiter ? (
        <Select
          label={t("importing.delimiter")}
          data={[...new Set([found.delimiter, ...delimiters])].map((value) => ({
            value,
            label: delimiterWord(value),
          }))}
          value={found.delimiter}
          allowDeselect={false}
          onChange={(delimiter) => delimiter && delimiter !== found.delimiter && onReading({ delimiter })}
        />
      ) : null}
      <NumberInput
        label={t("importing.header_row")}
        description={t("importing.header_hint")}
        min={0}
        max={1_048_576}
        allowDecimal={false}
        value={draft.header_row ?? 0}
        onChange={(row) => typeof row === "number" && change({ header_row: row || null })}
      />
      <TextInput
        label={t("importing.rows")}
        description={t("importing.rows_hint")}
        value={draft.rows === "all" ? "" : draft.rows}
        placeholder={t("importing.rows_all")}
        dir="ltr"
        onChange={(event) => change({ rows: event.currentTarget.value || "all" })}
      />
    </fieldset>
  );
}

function delimiterWord(value: string): string {
  const word = DELIMITER_WORDS[value as keyof typeof DELIMITER_WORDS];
  return word ? t(`importing.delimiter.${word}`) : value;
}

function WhoPart({ draft, kind, change }: ChoicesProps) {
  return (
    <fieldset className={css.part}>
      <legend className={css.partTitle}>{t("importing.part.who")}</legend>
      <SegmentedControl
        fullWidth
        aria-label={t("importing.kind")}
        data={[
          { value: "person", label: t("importing.kind.person") },
          { value: "organization", label: t("importing.kind.organization") },
        ]}
        value={kind}
        onChange={(value) => change({ kind: value as Kind })}
      />
      <GroupsPicker
        label={t("importing.groups")}
        description={t("importing.groups_hint")}
        value={draft.groups}
        onChange={(groups: Id[]) => change({ groups })}
        creatable
      />
    </fieldset>
  );
}

function KnownPart({ draft, columns, targets, change }: ChoicesProps) {
  const mapped = new Set(columns.map((column) => column.target));
  const chosen = matchFields(draft, columns, targets);
  const possible = targets.filter(
    ({ target, type }) => type !== "groups" && (mapped.has(target) || chosen.includes(target)),
  );
  return (
    <fieldset className={css.part}>
      <legend className={css.partTitle}>{t("importing.part.known")}</legend>
      <Radio.Group
        value={draft.mode}
        onChange={(mode) => change({ mode: mode as Mode })}
        aria-label={t("importing.mode")}
      >
        <div className={css.radios}>
          <Radio
            value="merge"
            label={t("importing.mode.merge")}
            description={t("importing.mode.merge_hint")}
          />
          <Radio
            value="duplicate"
            label={t("importing.mode.duplicate")}
            description={t("importing.mode.duplicate_hint")}
          />
        </div>
      </Radio.Group>
      {draft.mode === "merge" ? (
        <>
          <MultiSelect
            label={t("importing.match")}
            description={t("importing.match_hint")}
            data={possible.map((one) => ({
              value: one.target,
              label: targetLabel(one),
              disabled: draft.combine === "any" && !one.matchable,
            }))}
            value={chosen}
            onChange={(match_fields) => change({ match_fields })}
            searchable
          />
          {chosen.length > 1 ? (
            <SegmentedControl
              fullWidth
              aria-label={t("importing.combine")}
              data={[
                { value: "any", label: t("importing.combine.any") },
                { value: "all", label: t("importing.combine.all") },
              ]}
              value={draft.combine}
              onChange={(combine) => change({ combine: combine as "any" | "all" })}
            />
          ) : null}
          <Radio.Group
            label={t("importing.unmatched")}
            value={draft.when_unmatched}
            onChange={(value) => change({ when_unmatched: value as "create" | "skip" })}
          >
            <div className={css.radios}>
              <Radio value="create" label={t("importing.unmatched.create")} />
              <Radio value="skip" label={t("importing.unmatched.skip")} />
            </div>
          </Radio.Group>
        </>
      ) : null}
    </fieldset>
  );
}
