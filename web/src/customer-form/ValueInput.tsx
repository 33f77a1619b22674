/** The input for a field's value, by its type: the same on the customer's page and on the form for a new one. */
import { MultiSelect, NumberInput, SegmentedControl, Select, TagsInput, Textarea } from "@mantine/core";
import { useLists } from "../api/queries.ts";
import type { CustomField, FieldValue } from "../api/types.ts";
import { t } from "../i18n/i18n.tsx";
import { DayInput } from "../ui/DayInput.tsx";

export type ValueInputProps = {
  field: CustomField;
  value: FieldValue | null;
  onChange: (value: FieldValue | null) => void;
  /** A visible label; without it the field's title is its name for screen readers. */
  label?: string;
  error?: string;
  autoFocus?: boolean;
};

function asTexts(value: FieldValue | null): string[] {
  if (value === null) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

export function ValueInput(props: ValueInputProps) {
  const { field } = props;
  if (field.type === "list") return <ListInput {...props} />;
  if (field.type === "boolean") return <BooleanInput {...props} />;
  if (field.multiple) return <SeveralInput {...props} />;
  if (field.type === "date") return <DateInput {...props} />;
  if (field.type === "integer") return <IntegerInput {...props} />;
  return <TextInputOf {...props} />;
}

function names({ field, label, autoFocus, error }: ValueInputProps) {
  return {
    label,
    "aria-label": label ? undefined : field.title,
    "data-autofocus": autoFocus || undefined,
    autoFocus,
    error,
    withAsterisk: Boolean(label) && field.required,
  };
}

function TextInputOf(props: ValueInputProps) {
  return (
    <Textarea
      {...names(props)}
      autosize
      minRows={1}
      maxRows={8}
      dir="auto"
      value={typeof props.value === "string" ? props.value : ""}
      onChange={(event) => props.onChange(event.currentTarget.value || null)}
    />
  );
}

function IntegerInput(props: ValueInputProps) {
  return (
    <NumberInput
      {...names(props)}
      allowDecimal={false}
      value={typeof props.value === "number" ? props.value : ""}
      onChange={(value) => props.onChange(value === "" ? null : Number(value))}
    />
  );
}

function DateInput(props: ValueInputProps) {
  const { field, label, value, autoFocus } = props;
  return (
    <DayInput
      label={label}
      ariaLabel={field.title}
      autoFocus={autoFocus}
      value={typeof value === "string" ? value : null}
      onChange={props.onChange}
    />
  );
}

/** Three states: not said, yes, no. */
function BooleanInput({ field, label, value, onChange }: ValueInputProps) {
  const current = value === true ? "yes" : value === false ? "no" : "unset";
  return (
    <div>
      {label && <span className="mantine-InputWrapper-label">{label}</span>}
      <SegmentedControl
        fullWidth
        aria-label={field.title}
        value={current}
        onChange={(next) => onChange(next === "unset" ? null : next === "yes")}
        data={[
          { value: "unset", label: t("customer.unset") },
          { value: "yes", label: t("common.yes") },
          { value: "no", label: t("common.no") },
        ]}
      />
    </div>
  );
}

function ListInput(props: ValueInputProps) {
  const { field, value, onChange } = props;
  const items = useLists().data?.find(({ name }) => name === field.list)?.items ?? [];
  const data = items.map(({ id, label }) => ({ value: id, label }));
  if (field.multiple) {
    return (
      <MultiSelect
        {...names(props)}
        searchable
        data={data}
        value={asTexts(value)}
        onChange={(next) => onChange(next.length ? next : null)}
      />
    );
  }
  return (
    <Select
      {...names(props)}
      searchable
      clearable
      data={data}
      value={asTexts(value)[0] ?? null}
      onChange={(next) => onChange(next)}
    />
  );
}

/** Several texts, numbers or days: each one a pill, added by Enter. */
function SeveralInput(props: ValueInputProps) {
  const { field, value, onChange } = props;
  const set = (texts: string[]) => {
    if (texts.length === 0) return onChange(null);
    if (field.type !== "integer") return onChange(texts);
    onChange(texts.map(Number).filter(Number.isInteger));
  };
  return (
    <TagsInput {...names(props)} value={asTexts(value)} onChange={set} acceptValueOnBlur splitChars={[","]} />
  );
}
