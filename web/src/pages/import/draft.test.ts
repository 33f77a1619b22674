import { describe, expect, it } from "vitest";
import type { PreviewColumn, Target } from "./api.ts";
import {
  columnLetters,
  columnsOf,
  draftOf,
  gaps,
  matchFields,
  newDraft,
  settingsOf,
  takenTwice,
} from "./draft.ts";

const target = (name: string, more: Partial<Target> = {}): Target => ({
  target: name,
  label: name,
  type: "text",
  kinds: ["person", "organization"],
  multiple: false,
  matchable: true,
  ...more,
});

const TARGETS = [
  target("first_name", { kinds: ["person"] }),
  target("name"),
  target("mobile", { multiple: true }),
  target("email", { multiple: true }),
  target("city", { matchable: false }),
  target("groups", { multiple: true, matchable: false }),
];

const column = (at: number, suggestion: string | null): PreviewColumn => ({
  column: at,
  header: null,
  type: "text",
  samples: [],
  suggestion,
  confidence: suggestion ? 0.9 : 0,
});

const COLUMNS = [column(0, "first_name"), column(1, "mobile"), column(2, "city"), column(3, null)];

describe("I3: what each column becomes", () => {
  it("follows the suggestion until it is changed by hand", () => {
    const draft = {
      ...newDraft("S", 1),
      changed: { 2: { target: null }, 3: { target: "email", separator: ";" } },
    };
    expect(columnsOf(draft, COLUMNS, TARGETS, "person")).toEqual([
      { column: 0, target: "first_name" },
      { column: 1, target: "mobile" },
      { column: 2, target: null },
      { column: 3, target: "email", separator: ";" },
    ]);
  });

  it("leaves out what that kind of customer has not", () => {
    expect(columnsOf(newDraft("S", 1), COLUMNS, TARGETS, "organization")[0]).toEqual({
      column: 0,
      target: null,
    });
  });

  it("names a field of one value that two columns claim", () => {
    const draft = { ...newDraft("S", 1), changed: { 3: { target: "city" } } };
    expect([...takenTwice(columnsOf(draft, COLUMNS, TARGETS, "person"), TARGETS)]).toEqual(["city"]);
  });
});

describe("I4, I5: how rows are matched", () => {
  it("takes the contacts that are mapped when nothing was chosen", () => {
    const columns = columnsOf(newDraft("S", 1), COLUMNS, TARGETS, "person");
    expect(matchFields(newDraft("S", 1), columns, TARGETS)).toEqual(["mobile"]);
  });

  it("sends no matching when every row becomes a new customer", () => {
    const draft = { ...newDraft("S", 1), mode: "duplicate" as const };
    const columns = columnsOf(draft, COLUMNS, TARGETS, "person");
    expect(settingsOf(draft, "person", columns, TARGETS).match).toBeNull();
  });
});

describe("what keeps an import from being run", () => {
  const of = (draft: ReturnType<typeof newDraft>) =>
    gaps(draft, columnsOf(draft, COLUMNS, TARGETS, "person"), TARGETS);

  it("C3: new customers without a group", () => {
    expect(of(newDraft("S", 1))).toEqual(["no_group"]);
    expect(of({ ...newDraft("S", 1), groups: ["g"] })).toEqual([]);
    expect(of({ ...newDraft("S", 1), when_unmatched: "skip" })).toEqual([]);
  });

  it("no name and no contact", () => {
    const none = { 0: { target: null }, 1: { target: null } };
    expect(of({ ...newDraft("S", 1), groups: ["g"], changed: none })).toContain("no_name_or_contact");
  });
});

it("saved settings come back as they were", () => {
  const draft = { ...newDraft("S", 2), groups: ["g"], kind: "person" as const, rows: "2-9" };
  const saved = settingsOf(draft, "person", columnsOf(draft, COLUMNS, TARGETS, "person"), TARGETS);
  const again = draftOf(saved);
  expect(settingsOf(again, "person", columnsOf(again, COLUMNS, TARGETS, "person"), TARGETS)).toEqual(saved);
});

it("columns are called as spreadsheets call them", () => {
  expect([0, 25, 26, 701, 702].map(columnLetters)).toEqual(["A", "Z", "AA", "ZZ", "AAA"]);
});
