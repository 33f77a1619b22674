/** A month to pick a day from: Jalali or Gregorian, named by Intl so that it reads as every other date does. */

import { DayPicker as PersianPicker } from "@daypicker/persian";
import { DayPicker } from "@daypicker/react";
import { calendar } from "../i18n/format.ts";
import { direction, locale, t } from "../i18n/i18n.tsx";
import { preferences } from "../i18n/preferences.ts";
import classes from "./DayCalendar.module.css";

function asDate(day: string | null): Date | undefined {
  if (!day) return undefined;
  const [year, month, date] = day.split("-").map(Number) as [number, number, number];
  return new Date(year, month - 1, date);
}

function asDay(date: Date): string {
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return parts.map((part, index) => String(part).padStart(index === 0 ? 4 : 2, "0")).join("-");
}

function words(jalali: boolean) {
  const name = `${locale()}-ca-${jalali ? "persian" : "gregory"}`;
  const caption = new Intl.DateTimeFormat(name, { month: "long", year: "numeric" });
  const weekday = new Intl.DateTimeFormat(name, {
    weekday: preferences.get().language === "fa" ? "narrow" : "short",
  });
  return {
    formatCaption: (date: Date) => caption.format(date),
    formatWeekdayName: (date: Date) => weekday.format(date).slice(0, 2),
  };
}

/** The day a week begins with: Saturday where the calendar is Jalali, else Monday. */
const FIRST_DAY = { jalali: 6, gregorian: 1 } as const;

export default function DayCalendar(props: { value: string | null; onChange: (day: string) => void }) {
  const kind = calendar();
  const selected = asDate(props.value);
  const Picker = kind === "jalali" ? PersianPicker : DayPicker;
  return (
    <Picker
      mode="single"
      required
      autoFocus
      showOutsideDays
      selected={selected as Date}
      defaultMonth={selected ?? new Date()}
      onSelect={(date: Date) => props.onChange(asDay(date))}
      dir={direction()}
      weekStartsOn={FIRST_DAY[kind]}
      numerals={locale().endsWith("arabext") ? "arabext" : "latn"}
      formatters={words(kind === "jalali")}
      labels={{ labelPrevious: () => t("common.previous_month"), labelNext: () => t("common.next_month") }}
      classNames={{
        months: classes.months,
        month_caption: classes.caption,
        nav: classes.nav,
        button_previous: classes.step,
        button_next: classes.step,
        chevron: classes.chevron,
        month_grid: classes.grid,
        weekday: classes.weekday,
        day: classes.day,
        day_button: classes.button,
        selected: classes.selected,
        today: classes.today,
        outside: classes.outside,
      }}
    />
  );
}
