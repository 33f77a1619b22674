/** The input for a condition's value, by the field's type and the comparison. */
import { NumberInput, SegmentedControl, Select, TextInput } from "@mantine/core";
import type { ConditionValue, Operator, Period, Unit } from "../api/types.ts";
import { t } from "../i18n/i18n.tsx";
import { DayInput } from "../ui/DayInput.tsx";
import { MANY, PERIODS, type QueryField } from "./fields.ts";
import { GroupValues } from "./GroupValues.tsx";
import { ManyValues } from "./ManyValues.tsx";
import classes from "./QueryBar.module.css";

export type ValueProps = {
  field: QueryField;
  op: Operator;
  value: ConditionValue;
  onChange: (value: ConditionValue) => void;
};

export function ValueEditor(props: ValueProps) {
  const { field, op } = props;
  if (PERIODS.has(op)) return <PeriodValue {...props} />;
  if (field.kind === "group") return <GroupValues {...props} />;
  if (op === "is" && MANY[field.kind]) return <ManyValues {...props} />;
  if (field.kind === "boolean") return <BooleanValue {...props} />;
  if (op === "between") return <Between {...props} />;
  return <Single {...props} />;
}

function Single({ field, value, onChange }: ValueProps) {
  const label = t("query.value");
  if (field.kind === "date" || field.kind === "instant") {
    return (
      <DayInput
        label={label}
        value={typeof value === "string" ? value.slice(0, 10) : null}
        onChange={onChange}
      />
    );
  }
  if (field.kind === "integer") {
    const number = typeof value === "number" ? value : "";
    return (
      <NumberInput
        aria-label={label}
        data-autofocus
        allowDecimal={false}
        value={number}
        onChange={(next) => onChange(next === "" ? null : Number(next))}
      />
    );
  }
  return (
    <TextInput
      aria-label={label}
      data-autofocus
      dir={field.kind === "text" ? "auto" : "ltr"}
      value={typeof value === "string" ? value : ""}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function Between({ field, value, onChange }: ValueProps) {
  const [from, to] = Array.isArray(value) ? value : ["", ""];
  const set = (low: unknown, high: unknown) => onChange([low ?? "", high ?? ""] as string[]);
  if (field.kind === "integer") {
    return (
      <div className={classes.pair}>
        <NumberInput label={t("query.from")} value={Number(from) || ""} onChange={(next) => set(next, to)} />
        <NumberInput label={t("query.to")} value={Number(to) || ""} onChange={(next) => set(from, next)} />
      </div>
    );
  }
  return (
    <>
      <DayInput
        label={t("query.from")}
        value={from ? String(from) : null}
        onChange={(next) => set(next, to)}
      />
      <DayInput label={t("query.to")} value={to ? String(to) : null} onChange={(next) => set(from, next)} />
    </>
  );
}

function PeriodValue({ value, onChange }: ValueProps) {
  const period = (value ?? { amount: 7, unit: "day" }) as Period;
  const units = (["day", "week", "month", "year"] as const).map((unit) => ({
    value: unit,
    label: t(`query.unit_${unit}`),
  }));
  return (
    <div className={classes.pair}>
      <NumberInput
        data-autofocus
        aria-label={t("query.amount")}
        min={1}
        max={10_000}
        allowDecimal={false}
        value={period.amount}
        onChange={(amount) => onChange({ ...period, amount: Number(amount) || 0 })}
      />
      <Select
        aria-label={t("query.unit")}
        data={units}
        value={period.unit}
        onChange={(unit) => onChange({ ...period, unit: (unit ?? "day") as Unit })}
        allowDeselect={false}
        comboboxProps={{ withinPortal: false }}
      />
    </div>
  );
}

function BooleanValue({ value, onChange }: ValueProps) {
  return (
    <SegmentedControl
      fullWidth
      aria-label={t("query.value")}
      value={value === false ? "no" : value === true ? "yes" : ""}
      onChange={(next) => onChange(next === "yes")}
      data={[
        { value: "yes", label: t("common.yes") },
        { value: "no", label: t("common.no") },
      ]}
    />
  );
}
