/** G7: Jalali days at the edges of months, leap years, the turn of the year and midnight in Tehran. */
import { afterEach, describe, expect, it } from "vitest";
import { day, dayOf } from "./format.ts";
import { fromJalali, parseDay, toJalali } from "./jalali.ts";
import { preferences } from "./preferences.ts";
import { workspace } from "./workspace.ts";

describe("Jalali dates", () => {
  it.each([
    ["2026-11-22", { year: 1405, month: 9, day: 1 }],
    ["2024-02-29", { year: 1402, month: 12, day: 10 }],
    ["2025-03-20", { year: 1403, month: 12, day: 30 }],
    ["2025-03-21", { year: 1404, month: 1, day: 1 }],
    ["2026-03-20", { year: 1404, month: 12, day: 29 }],
    ["2026-03-21", { year: 1405, month: 1, day: 1 }],
    ["1979-02-11", { year: 1357, month: 11, day: 22 }],
  ])("%s both ways", (gregorian, jalali) => {
    expect(toJalali(gregorian)).toEqual(jalali);
    expect(fromJalali(jalali)).toBe(gregorian);
  });

  it("30 Esfand is a day of leap years only", () => {
    expect(fromJalali({ year: 1403, month: 12, day: 30 })).toBe("2025-03-20");
    expect(fromJalali({ year: 1404, month: 12, day: 30 })).toBeNull();
    expect(fromJalali({ year: 1404, month: 7, day: 31 })).toBeNull();
    expect(fromJalali({ year: 1404, month: 13, day: 1 })).toBeNull();
  });

  it("every day of two centuries comes back as itself", () => {
    for (let at = Date.UTC(1921, 2, 21); at < Date.UTC(2121, 2, 21); at += 86_400_000 * 17) {
      const day = new Date(at).toISOString().slice(0, 10);
      expect(fromJalali(toJalali(day))).toBe(day);
    }
  });
});

describe("typed days", () => {
  it.each([
    ["۱۴۰۵/۹/۱", "2026-11-22"],
    ["1405/9/1", "2026-11-22"],
    ["1405-09-01", "2026-11-22"],
    ["٢٠٢٦/١١/٢٢", "2026-11-22"],
    ["22.11.2026", "2026-11-22"],
    ["2024-02-29", "2024-02-29"],
  ])("%s is %s", (typed, expected) => expect(parseDay(typed)).toBe(expected));

  it.each(["2025-02-29", "1404/12/30", "12/5", "tomorrow", "", "2026-13-01", "۱۴۰۵/۰/۱"])(
    "%s is no day",
    (typed) => expect(parseDay(typed)).toBeNull(),
  );
});

describe("shown days", () => {
  afterEach(() => {
    preferences.set({ calendar: "auto", language: "en", digits: "auto" });
    workspace.set({ calendar: "gregorian", time_zone: "UTC" });
  });

  it("a moment after midnight in Tehran is the next day there", () => {
    workspace.set({ time_zone: "Asia/Tehran" });
    expect(dayOf("2026-11-21T20:29:59Z")).toBe("2026-11-21");
    expect(dayOf("2026-11-21T20:30:00Z")).toBe("2026-11-22");
  });

  it("calendar and digits are chosen apart from the language", () => {
    preferences.set({ language: "fa", calendar: "jalali" });
    expect(day("2026-11-22", "numeric")).toContain("۱۴۰۵");
    preferences.set({ digits: "latn" });
    expect(day("2026-11-22", "numeric")).toContain("1405");
    preferences.set({ calendar: "gregorian" });
    expect(day("2026-11-22", "numeric")).toContain("2026");
  });

  it("a calendar day does not move with the zone", () => {
    workspace.set({ time_zone: "America/Los_Angeles" });
    preferences.set({ calendar: "gregorian" });
    expect(day("2026-11-22", "numeric")).toContain("22");
  });
});
