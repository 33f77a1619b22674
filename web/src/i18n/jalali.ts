/**
 * Jalali dates by the platform's own Persian calendar, so that what is typed and what is shown can never disagree.
 * Days are plain `YYYY-MM-DD` strings (Gregorian, as the API has them); refuses days that do not exist.
 */
export type JalaliDate = { year: number; month: number; day: number };

const DAY = 86_400_000;
const READER = new Intl.DateTimeFormat("en-u-ca-persian-nu-latn", {
  year: "numeric",
  month: "numeric",
  day: "numeric",
  timeZone: "UTC",
});

/** The Jalali date of a Gregorian day. */
export function toJalali(day: string): JalaliDate {
  return read(Date.parse(`${day}T00:00:00Z`));
}

function read(instant: number): JalaliDate {
  const parts = Object.fromEntries(READER.formatToParts(instant).map((part) => [part.type, part.value]));
  return { year: Number.parseInt(parts.year ?? "", 10), month: Number(parts.month), day: Number(parts.day) };
}

/** The Gregorian day of a Jalali date, or null when that year has no such day (30 Esfand of a common year). */
export function fromJalali({ year, month, day }: JalaliDate): string | null {
  if (month < 1 || month > 12 || day < 1 || day > 31) return null;
  const dayOfYear = (month <= 7 ? (month - 1) * 31 : 186 + (month - 7) * 30) + day - 1;
  const guess = Date.UTC(year + 621, 2, 21) + dayOfYear * DAY;
  for (const shift of [0, -1, 1, -2, 2]) {
    const instant = guess + shift * DAY;
    const found = read(instant);
    if (found.year === year && found.month === month && found.day === day) {
      return new Date(instant).toISOString().slice(0, 10);
    }
  }
  return null;
}

/** Persian and Arabic digits as ASCII digits. */
export function latinDigits(text: string): string {
  return text.replace(/[\u06F0-\u06F9\u0660-\u0669]/g, (digit) => String((digit.codePointAt(0) ?? 0) & 0xf));
}

/**
 * A typed date as a day: `2026-11-22`, `22.11.2026`, `1405/9/1`, `۱۴۰۵/۹/۱`. A year before 1700 is Jalali.
 * Null when it is no date or the day does not exist.
 */
export function parseDay(text: string): string | null {
  const numbers = latinDigits(text.trim())
    .split(/[-/.\s]+/)
    .map(Number);
  if (numbers.length !== 3 || numbers.some((n) => !Number.isInteger(n) || n <= 0)) return null;
  const [first, month, third] = numbers as [number, number, number];
  const [year, day] = first > 31 ? [first, third] : [third, first];
  if (year < 1000) return null;
  return year < 1700 ? fromJalali({ year, month, day }) : gregorian(year, month, day);
}

function gregorian(year: number, month: number, day: number): string | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? date.toISOString().slice(0, 10) : null;
}
