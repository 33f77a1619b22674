/** Numbers, days and instants as people read them: by the chosen calendar and digits, in the workspace's time zone. */

import { locale } from "./i18n.tsx";
import { preferences } from "./preferences.ts";
import { workspace } from "./workspace.ts";

const cache = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat | Intl.RelativeTimeFormat>();

function kept<F extends Intl.DateTimeFormat | Intl.NumberFormat | Intl.RelativeTimeFormat>(
  key: string,
  make: () => F,
): F {
  const found = cache.get(key) as F | undefined;
  if (found) return found;
  const made = make();
  cache.set(key, made);
  return made;
}

/** The calendar in force: the person's choice, else the workspace's. */
export function calendar(): "gregorian" | "jalali" {
  const chosen = preferences.get().calendar;
  return chosen === "auto" ? workspace.get().calendar : chosen;
}

function dates(options: Intl.DateTimeFormatOptions, zone = workspace.get().time_zone): Intl.DateTimeFormat {
  const name = `${locale()}-ca-${calendar() === "jalali" ? "persian" : "gregory"}`;
  return kept(
    `${name}|${zone}|${JSON.stringify(options)}`,
    () => new Intl.DateTimeFormat(name, { ...options, timeZone: zone }),
  );
}

export function number(value: number): string {
  return kept(`n|${locale()}`, () => new Intl.NumberFormat(locale())).format(value);
}

/** A number short enough for a tab: 1,204 as it is, 48,312 as 48K. */
export function shortNumber(value: number): string {
  if (value < 10_000) return number(value);
  const make = () => new Intl.NumberFormat(locale(), { notation: "compact", maximumFractionDigits: 1 });
  return kept(`c|${locale()}`, make).format(value);
}

/** A calendar day (`YYYY-MM-DD`) with no time zone of its own. */
export function day(value: string, style: "numeric" | "long" = "long"): string {
  const instant = Date.parse(`${value}T00:00:00Z`);
  if (Number.isNaN(instant)) return value;
  return dates(dayStyle(style), "UTC").format(instant);
}

function dayStyle(style: "numeric" | "long"): Intl.DateTimeFormatOptions {
  return style === "long"
    ? { year: "numeric", month: "short", day: "numeric" }
    : { year: "numeric", month: "2-digit", day: "2-digit" };
}

/** The day of an instant, in the workspace's zone. */
export function date(instant: string, style: "numeric" | "long" = "long"): string {
  return dates(dayStyle(style)).format(Date.parse(instant));
}

export function time(instant: string): string {
  return dates({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(Date.parse(instant));
}

export function dateTime(instant: string): string {
  return `${date(instant)}, ${time(instant)}`.replace(
    ", ",
    preferences.get().language === "fa" ? "، " : ", ",
  );
}

/** The workspace's calendar day (`YYYY-MM-DD`) an instant falls on. */
export function dayOf(instant: string | number | Date): string {
  const zone = workspace.get().time_zone;
  const make = () =>
    new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  return kept(`dayOf|${zone}`, make).format(new Date(instant));
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "3 minutes ago", in the chosen language and digits. */
export function ago(instant: string, now = Date.now()): string {
  const seconds = (Date.parse(instant) - now) / 1000;
  const make = () => new Intl.RelativeTimeFormat(locale(), { numeric: "auto", style: "long" });
  const words = kept(`r|${locale()}`, make);
  const step = STEPS.find(([, size]) => Math.abs(seconds) >= size);
  return step ? words.format(Math.trunc(seconds / step[1]), step[0]) : words.format(0, "minute");
}
