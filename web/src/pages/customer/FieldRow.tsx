/** One field of the customer: read as text, edited in place. Enter saves, Esc leaves it as it was. */
import { TextInput } from "@mantine/core";
import { type KeyboardEvent, useRef, useState } from "react";
import { Problem } from "../../api/client.ts";
import { explain } from "../../api/explain.ts";
import { useLists } from "../../api/queries.ts";
import type { Customer, FieldValue } from "../../api/types.ts";
import { ValueInput } from "../../customer-form/ValueInput.tsx";
import { t } from "../../i18n/i18n.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { U } from "../../ui/text.tsx";
import { valueText } from "../customers/columns.tsx";
import classes from "./FieldRow.module.css";
import type { DetailField } from "./fieldList.ts";

type Props = {
  field: DetailField;
  customer: Customer;
  editable: boolean;
  /** `base` is the customer as it was when the editing began. */
  onSave: (value: FieldValue | null, base: Customer) => Promise<unknown>;
};

export function FieldRow({ field, customer, editable, onSave }: Props) {
  const [editing, setEditing] = useState(false);
  const lists = useLists().data ?? [];
  const text = field.custom ? valueText(field.value, field.custom, lists) : String(field.value ?? "");
  const retired = field.custom?.retired ?? false;
  return (
    <div className={classes.row}>
      <dt className={classes.label}>
        <U>{field.label}</U>
        {retired && <Badge tone="error">{t("customer.retired")}</Badge>}
      </dt>
      <dd className={classes.value}>
        {editing ? (
          <Editor field={field} customer={customer} onSave={onSave} onDone={() => setEditing(false)} />
        ) : editable && !retired ? (
          <button
            type="button"
            data-field={field.key}
            className={classes.read}
            data-empty={text === "" || undefined}
            aria-label={t("customer.edit_field", {
              field: field.label,
              value: text || t("customer.add_value"),
            })}
            onClick={() => setEditing(true)}
          >
            {text === "" ? t("customer.add_value") : <U>{text}</U>}
          </button>
        ) : (
          <span className={classes.fixed}>
            <U>{text || "–"}</U>
          </span>
        )}
      </dd>
    </div>
  );
}

type EditorProps = Omit<Props, "editable"> & { onDone: () => void };

function Editor({ field, customer, onSave, onDone }: EditorProps) {
  const [begun] = useState({ customer, value: field.value });
  const [value, setValue] = useState<FieldValue | null>(field.value);
  const [error, setError] = useState<string>();
  const leaving = useRef(false);
  const save = async (next: FieldValue | null) => {
    if (leaving.current) return;
    leaving.current = true;
    if (JSON.stringify(next) === JSON.stringify(begun.value)) return onDone();
    try {
      await onSave(next, begun.customer);
      onDone();
    } catch (problem) {
      if (problem instanceof Problem && problem.code === "stale_version") return onDone();
      leaving.current = false;
      setError(explain(problem));
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      leaving.current = true;
      onDone();
    }
    const several = field.custom?.multiple && !event.ctrlKey;
    if (event.key === "Enter" && !event.shiftKey && !event.defaultPrevented && !several) {
      event.preventDefault();
      void save(value);
    }
  };
  const immediate =
    field.custom?.type === "boolean" || (field.custom?.type === "list" && !field.custom.multiple);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys and focus bubble up from the input inside
    <div
      className={classes.editor}
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        const inside =
          event.currentTarget.contains(event.relatedTarget) || event.relatedTarget?.closest("[data-portal]");
        if (!inside && field.custom?.type !== "date") void save(value);
      }}
    >
      {field.custom ? (
        <ValueInput
          field={field.custom}
          value={value}
          autoFocus
          error={error}
          onChange={(next) => {
            setValue(next);
            if (immediate || field.custom?.type === "date") void save(next);
          }}
        />
      ) : (
        <TextInput
          autoFocus
          dir="auto"
          aria-label={field.label}
          value={String(value ?? "")}
          error={error}
          onChange={(event) => setValue(event.currentTarget.value || null)}
        />
      )}
    </div>
  );
}
