/** A span of seconds in words, rounded as people say it. */
import { locale } from "@/i18n/i18n.tsx";

const STEPS = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
] as const;

/** "40 seconds", "3 minutes"; never "0 seconds". */
export function duration(seconds: number): string {
  const [size, unit] = STEPS.find(([step]) => seconds >= step * 1.5) ?? ([1, "second"] as const);
  const amount = Math.max(1, Math.round(seconds / size));
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "long" }).format(amount);
}
