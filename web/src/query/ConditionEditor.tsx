/** How a condition is changed: its comparison, and the values that the comparison takes. */
import { Select } from "@mantine/core";
import { type KeyboardEvent, useEffect, useRef } from "react";
import type { Condition, Operator } from "../api/types.ts";
import { t } from "../i18n/i18n.tsx";
import { OPS, type QueryField, shownOp, VALUELESS } from "./fields.ts";
import classes from "./QueryBar.module.css";
import { ValueEditor } from "./ValueEditor.tsx";
import { conditionOf, valueFor } from "./values.ts";
import { opWords } from "./words.ts";

export type EditorProps = {
  field: QueryField;
  condition: Condition;
  not: boolean;
  onChange: (condition: Condition, not: boolean) => void;
  onDone: () => void;
};

/** Every comparison and, except for the empty ones, its opposite. */
function choices(field: QueryField): { value: string; label: string }[] {
  const opposite = (op: Operator) => !VALUELESS.has(op) && !["gte", "lte", "between"].includes(op);
  return OPS[field.kind].flatMap((op) => [
    { value: op, label: op === "between" ? t("query.choose_between") : opWords({ op }, field, false) },
    ...(opposite(op) ? [{ value: `not:${op}`, label: opWords({ op }, field, true) }] : []),
  ]);
}

export default function ConditionEditor({ field, condition, not, onChange, onDone }: EditorProps) {
  const op = condition.op === "is_not" ? "is" : shownOp(condition.op);
  const negative = not !== (condition.op === "is_not");
  const options = choices(field);
  const choose = (chosen: string | null) => {
    if (!chosen) return;
    const next = chosen.replace("not:", "") as Operator;
    onChange(
      { field: condition.field, op: next, value: valueFor(next, condition) },
      chosen.startsWith("not:"),
    );
  };
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const inside = frame.current;
    const first =
      inside?.querySelector<HTMLElement>("[data-autofocus]") ?? inside?.querySelector<HTMLElement>("input");
    first?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && event.target instanceof HTMLInputElement && event.target.type !== "checkbox")
      onDone();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Enter in any of the inputs finishes
    <div ref={frame} className={classes.editor} onKeyDown={onKeyDown}>
      <div className={classes.editorTitle}>
        <bdi>{field.label}</bdi>
      </div>
      {options.length > 1 && (
        <Select
          aria-label={t("query.operator")}
          data={options}
          value={`${negative ? "not:" : ""}${op}`}
          onChange={choose}
          allowDeselect={false}
          comboboxProps={{ withinPortal: false }}
        />
      )}
      {!VALUELESS.has(op) && (
        <ValueEditor
          field={field}
          op={op}
          value={condition.value ?? null}
          onChange={(value) => onChange(conditionOf(condition.field, op, value), negative)}
        />
      )}
    </div>
  );
}
