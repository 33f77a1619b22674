import type { Condition } from "../api/types.ts";
import { latinDigits } from "../i18n/jalali.ts";
import { type FieldKind, PERIODS, VALUELESS } from "./fields.ts";

const LEAST_CONTAINED = 2;

/** Whether a condition says enough to be asked; unfinished ones stay in their editor. */
export function isComplete({ op, value }: Condition, kind: FieldKind): boolean {
  if (VALUELESS.has(op)) return true;
  if (value === null || value === undefined) return false;
  if (PERIODS.has(op)) return typeof value === "object" && "amount" in value && value.amount >= 1;
  if (op === "between") return Array.isArray(value) && value.length === 2 && value.every((one) => one !== "");
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value !== "string") return true;
  const said = kind === "phone" ? latinDigits(value).replace(/\D/g, "") : value.trim();
  return said.length >= (op === "contains" ? LEAST_CONTAINED : 1);
}
