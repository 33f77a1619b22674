/** The head of a file's column: its letter and name, the field it becomes, how sure that is, and how its cells are split. */
import { ActionIcon, NumberInput, Popover, Select, TextInput } from "@mantine/core";
import { IconAdjustments, IconArrowDown } from "@tabler/icons-react";
import { useState } from "react";
import { known, t } from "@/i18n/i18n.tsx";
import { regionOptions } from "../settings/regions.ts";
import type { ColumnSetting, PreviewColumn, Target } from "./api.ts";
import { type ColumnChoice, columnLetters } from "./draft.ts";
import css from "./import.module.css";

const SECTIONS: [string, (target: Target) => boolean][] = [
  [
    "names",
    ({ target }) => ["title", "first_name", "last_name", "name", "company_name", "position"].includes(target),
  ],
  ["contacts", ({ type }) => ["phone", "email", "contact"].includes(type)],
  ["place", ({ target }) => ["street", "city", "province", "postal_code", "country"].includes(target)],
  ["custom", ({ target }) => target.startsWith("custom.")],
  ["other", () => true],
];

/** A target's name in the chosen language; custom fields have the title that people gave them. */
export function targetLabel(target: Target | undefined, fallback = ""): string {
  if (!target) return fallback;
  const key = `importing.target.${target.target}`;
  return known(key) ? t(key) : target.label;
}

/** The options of a select of targets, in sections. */
export function targetOptions(
  targets: Target[],
): { group: string; items: { value: string; label: string }[] }[] {
  const left = new Set(targets);
  const groups = SECTIONS.map(([section, holds]) => {
    const items = [...left].filter(holds);
    for (const one of items) left.delete(one);
    const key = `importing.section.${section}`;
    return {
      group: known(key) ? t(key) : section,
      items: items.map((one) => ({ value: one.target, label: targetLabel(one) })),
    };
  });
  return groups.filter((group) => group.items.length > 0);
}

type HeadProps = {
  column: PreviewColumn;
  setting: ColumnSetting;
  targets: Target[];
  twice: Set<string>;
  remembered: boolean;
  onChange: (choice: ColumnChoice) => void;
  readOnly?: boolean;
};

export function ColumnHead({ column, setting, targets, twice, remembered, onChange, readOnly }: HeadProps) {
  const letter = columnLetters(column.column);
  const target = targets.find((one) => one.target === setting.target);
  const taken = setting.target !== null && twice.has(setting.target);
  const choose = (name: string | null) => onChange({ target: name });
  return (
    <th scope="col" className={css.head} data-out={target ? undefined : true}>
      <div className={css.headName}>
        <span className={css.letter}>{letter}</span>
        <bdi className={css.headText} title={column.header ?? undefined}>
          {column.header || t("importing.grid.no_header")}
        </bdi>
      </div>
      <div className={css.headTarget}>
        <IconArrowDown size={14} stroke={1.75} aria-hidden className={css.headArrow} />
        <Select
          aria-label={t("importing.grid.target_of", { column: column.header || letter })}
          placeholder={t("importing.grid.left_out")}
          data={targetOptions(targets)}
          value={setting.target}
          onChange={choose}
          searchable
          clearable
          disabled={readOnly}
          size="xs"
          error={taken || undefined}
          nothingFoundMessage={t("importing.grid.no_field")}
          comboboxProps={{ width: 240, position: "bottom-start" }}
          maxDropdownHeight={320}
          className={css.headSelect}
        />
        {target && (target.multiple || target.type === "date") && !readOnly ? (
          <Details setting={setting} target={target} letter={letter} onChange={onChange} />
        ) : null}
      </div>
      <p className={css.headNote} data-tone={taken ? "error" : undefined}>
        {taken ? t("importing.grid.taken") : note(column, setting, remembered)}
      </p>
    </th>
  );
}

function note(column: PreviewColumn, setting: ColumnSetting, remembered: boolean): string {
  if (!setting.target) return t("importing.grid.not_imported");
  if (column.suggestion !== setting.target) return t("importing.grid.chosen");
  const percent = Math.round(column.confidence * 100);
  return remembered && percent === 100
    ? t("importing.grid.remembered")
    : t("importing.grid.suggested", { percent });
}

type DetailsProps = {
  setting: ColumnSetting;
  target: Target;
  letter: string;
  onChange: (choice: ColumnChoice) => void;
};

function Details({ setting, target, letter, onChange }: DetailsProps) {
  const [open, setOpen] = useState(false);
  const { column: _, ...choice } = setting;
  const change = (part: Partial<ColumnChoice>) => onChange({ ...choice, ...part });
  const isSet = Boolean(setting.separator || setting.region);
  return (
    <Popover opened={open} onChange={setOpen} width={260} position="bottom-end" trapFocus>
      <Popover.Target>
        <ActionIcon
          variant={isSet ? "light" : "subtle"}
          color={isSet ? undefined : "gray"}
          aria-label={t("importing.column.details", { column: letter })}
          onClick={() => setOpen(!open)}
        >
          <IconAdjustments size={16} stroke={1.75} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={css.details}>
        {target.multiple ? (
          <TextInput
            label={t("importing.column.separator")}
            description={t("importing.column.separator_hint")}
            value={setting.separator ?? ""}
            maxLength={5}
            onChange={(event) => change({ separator: event.currentTarget.value || null })}
          />
        ) : null}
        {target.multiple && setting.separator ? (
          <NumberInput
            label={t("importing.column.values")}
            placeholder={t("importing.column.values_all")}
            min={1}
            max={50}
            allowDecimal={false}
            value={setting.values ?? ""}
            onChange={(value) => change({ values: typeof value === "number" ? value : null })}
          />
        ) : null}
        {target.type === "phone" || target.type === "date" ? (
          <Select
            label={t(target.type === "phone" ? "importing.column.region" : "importing.column.date_region")}
            placeholder={t("importing.column.region_auto")}
            data={regionOptions()}
            value={setting.region ?? null}
            onChange={(region) => change({ region })}
            searchable
            nothingFoundMessage={t("settings.no_region")}
            clearable
            comboboxProps={{ withinPortal: false }}
          />
        ) : null}
      </Popover.Dropdown>
    </Popover>
  );
}
