/** The person's choices for an import: suggestions with what was changed by hand on top, and what is still missing. */
import type { Id } from "@/api/types.ts";
import type { ColumnSetting, ImportSettings, Kind, Mode, PreviewColumn, Target } from "./api.ts";

export type ColumnChoice = Omit<ColumnSetting, "column">;

export type Draft = {
  sheet: string;
  header_row: number | null;
  rows: string;
  /** Null: as the file looks. */
  kind: Kind | null;
  groups: Id[];
  mode: Mode;
  when_unmatched: "create" | "skip";
  /** Null: the usual fields among those that are mapped. */
  match_fields: string[] | null;
  combine: "all" | "any";
  /** Columns changed by hand; the others follow the suggestions. */
  changed: Record<number, ColumnChoice>;
};

const USUAL_MATCH = ["mobile", "email", "phone"];
const NAMES = ["first_name", "last_name", "name", "company_name"];
const CONTACTS = ["mobile", "phone", "fax", "email", "whatsapp", "website", "social", "address"];

export function newDraft(sheet: string, header_row: number | null): Draft {
  return {
    sheet,
    header_row,
    rows: "all",
    kind: null,
    groups: [],
    mode: "merge",
    when_unmatched: "create",
    match_fields: null,
    combine: "any",
    changed: {},
  };
}

/** Settings that were saved before, as a draft. */
export function draftOf(settings: ImportSettings): Draft {
  const { sheet, header_row, rows, kind, groups, mode, when_unmatched, match, columns } = settings;
  const changed = Object.fromEntries(columns.map(({ column, ...choice }) => [column, choice]));
  const match_fields = match?.fields ?? null;
  return {
    sheet,
    header_row,
    rows,
    kind,
    groups,
    mode,
    when_unmatched,
    match_fields,
    combine: match?.combine ?? "any",
    changed,
  };
}

/** What every column becomes: the hand's choice, else the suggestion when that kind of customer has such a field. */
export function columnsOf(
  draft: Draft,
  columns: PreviewColumn[],
  targets: Target[],
  kind: Kind,
): ColumnSetting[] {
  const possible = new Set(
    targets.filter((target) => target.kinds.includes(kind)).map((target) => target.target),
  );
  return columns.map(({ column, suggestion }) => {
    const chosen = draft.changed[column] ?? { target: suggestion };
    const target = chosen.target && possible.has(chosen.target) ? chosen.target : null;
    return target === chosen.target ? { column, ...chosen } : { column, target };
  });
}

/** The fields to match on: chosen ones that are still mapped, else the contacts that people are known by. */
export function matchFields(draft: Draft, columns: ColumnSetting[], targets: Target[]): string[] {
  const mapped = new Set(columns.map((column) => column.target));
  if (draft.match_fields) return draft.match_fields;
  const usual = USUAL_MATCH.filter((field) => mapped.has(field));
  if (usual.length) return usual;
  return targets
    .filter((one) => one.matchable && mapped.has(one.target))
    .slice(0, 1)
    .map((one) => one.target);
}

export type Gap = "no_name_or_contact" | "no_group" | "no_match" | "target_taken";

/** What keeps the import from being run, in the order in which people meet it. */
export function gaps(draft: Draft, columns: ColumnSetting[], targets: Target[]): Gap[] {
  const used = columns.map((column) => column.target).filter((target): target is string => target !== null);
  const single = new Set(targets.filter((target) => !target.multiple).map((target) => target.target));
  const found: Gap[] = [];
  if (!used.some((target) => NAMES.includes(target) || CONTACTS.includes(target)))
    found.push("no_name_or_contact");
  if (used.some((target, place) => single.has(target) && used.indexOf(target) !== place))
    found.push("target_taken");
  const creates = draft.mode === "duplicate" || draft.when_unmatched === "create";
  if (creates && draft.groups.length === 0 && !used.includes("groups")) found.push("no_group");
  if (draft.mode === "merge" && matchFields(draft, columns, targets).length === 0) found.push("no_match");
  return found;
}

/** Targets that two columns claim though a customer has one value of it. */
export function takenTwice(columns: ColumnSetting[], targets: Target[]): Set<string> {
  const single = new Set(targets.filter((target) => !target.multiple).map((target) => target.target));
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { target } of columns) {
    if (!target || !single.has(target)) continue;
    if (seen.has(target)) twice.add(target);
    seen.add(target);
  }
  return twice;
}

/** The body of PUT /imports/{id}/settings. */
export function settingsOf(
  draft: Draft,
  kind: Kind,
  columns: ColumnSetting[],
  targets: Target[],
): ImportSettings {
  const fields = matchFields(draft, columns, targets);
  return {
    sheet: draft.sheet,
    header_row: draft.header_row,
    rows: draft.rows.trim() || "all",
    kind,
    groups: draft.groups,
    mode: draft.mode,
    when_unmatched: draft.when_unmatched,
    match: draft.mode === "merge" ? { fields, combine: draft.combine } : null,
    columns: columns.map(({ column, target, separator, values, region }) => ({
      column,
      target,
      ...(target && separator ? { separator } : {}),
      ...(target && separator && values ? { values } : {}),
      ...(target && region ? { region } : {}),
    })),
  };
}

/** 0 → A, 26 → AA: what people see above a column. */
export function columnLetters(column: number): string {
  let letters = "";
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  }
  return letters;
}
