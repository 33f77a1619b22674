/** How a condition's value follows its comparison. */
import type { Condition, ConditionValue, Operator } from "../api/types.ts";
import { PERIODS, VALUELESS } from "./fields.ts";

/** The value a condition keeps when its comparison changes: none when the new one takes another kind of value. */
export function valueFor(op: Operator, before: Condition): ConditionValue {
  if (VALUELESS.has(op)) return null;
  if (PERIODS.has(op)) return PERIODS.has(before.op) ? (before.value ?? null) : { amount: 7, unit: "day" };
  if (op === "between") return before.op === "between" ? (before.value ?? null) : ["", ""];
  if (PERIODS.has(before.op) || before.op === "between" || VALUELESS.has(before.op)) return null;
  if (op !== "is" && Array.isArray(before.value)) return (before.value[0] as ConditionValue) ?? null;
  return before.value ?? null;
}

/** Several values of "is" are sent as `in`, one as `is`. */
export function conditionOf(field: string, op: Operator, value: ConditionValue): Condition {
  if (op !== "is" || !Array.isArray(value)) return { field, op, value };
  if (value.length > 1) return { field, op: "in", value };
  return { field, op: "is", value: (value[0] as ConditionValue) ?? null };
}
