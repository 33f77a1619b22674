import { Popover } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useState } from "react";
import type { Condition } from "../api/types.ts";
import { t } from "../i18n/i18n.tsx";
import { isComplete } from "./complete.ts";
import { EditorPart } from "./EditorPart.tsx";
import type { QueryField } from "./fields.ts";
import classes from "./QueryBar.module.css";
import { type Known, lineOf, wordingOf } from "./words.ts";

type ChipProps = {
  condition: Condition;
  not: boolean;
  known: Known;
  onChange: (condition: Condition, not: boolean) => void;
  onRemove: () => void;
};

/** One condition in the sentence; pressing it opens its editor, every finished change acts at once. */
export function ConditionChip({ condition, not, known, onChange, onRemove }: ChipProps) {
  const [draft, setDraft] = useState<{ condition: Condition; not: boolean } | null>(null);
  const field = known.fields.find(({ name }) => name === condition.field);
  const words = wordingOf(condition, not, known);
  const negative = not !== (condition.op === "is_not");
  const close = () => setDraft(null);
  return (
    <div className={classes.chip}>
      <Popover
        opened={draft !== null}
        onChange={(open) => !open && close()}
        position="bottom-start"
        trapFocus
      >
        <Popover.Target>
          <button
            type="button"
            className={classes.words}
            aria-label={t("query.edit", { condition: lineOf(words) })}
            onClick={() => (draft ? close() : setDraft({ condition, not }))}
          >
            <bdi className={classes.field}>{words.field}</bdi>
            <span className={classes.op} data-not={negative || undefined}>
              {words.op}
            </span>
            {words.value && <bdi className={classes.value}>{words.value}</bdi>}
          </button>
        </Popover.Target>
        <Popover.Dropdown>
          {draft && field && (
            <Editing field={field} draft={draft} onDraft={setDraft} onChange={onChange} onDone={close} />
          )}
        </Popover.Dropdown>
      </Popover>
      <button
        type="button"
        className={classes.remove}
        aria-label={t("query.remove", { condition: lineOf(words) })}
        onClick={onRemove}
      >
        <IconX size={14} stroke={1.75} />
      </button>
    </div>
  );
}

type Draft = { condition: Condition; not: boolean };

function Editing(props: {
  field: QueryField;
  draft: Draft;
  onDraft: (draft: Draft) => void;
  onChange: ChipProps["onChange"];
  onDone: () => void;
}) {
  const { field, draft, onDraft, onChange, onDone } = props;
  return (
    <EditorPart
      field={field}
      condition={draft.condition}
      not={draft.not}
      onChange={(condition, not) => {
        onDraft({ condition, not });
        if (isComplete(condition, field.kind)) onChange(condition, not);
      }}
      onDone={onDone}
    />
  );
}
