/** By what the list sorts, and what its two directions are called: "A to Z" for words, "Newest first" for times. */
import type { Sort } from "../../api/types.ts";
import { t } from "../../i18n/i18n.tsx";

/** The search's sort fields, as `rapport_contracts.query.SORTABLE` has them. */
export const SORT_FIELDS = [
  "name",
  "first_name",
  "last_name",
  "company_name",
  "position",
  "title",
  "city",
  "province",
  "country",
  "email",
  "kind",
  "enabled",
  "created_at",
  "updated_at",
] as const;

export type SortField = (typeof SORT_FIELDS)[number];
export type Direction = Sort["direction"];

export const BY_NAME: Sort = { field: "name", direction: "asc" };

export function isSortField(field: string): field is SortField {
  return (SORT_FIELDS as readonly string[]).includes(field);
}

export function sortLabel(field: SortField): string {
  return t(`query.field_${field}`);
}

/** Words from A, times from the newest: what most people mean when they choose a field. */
export function firstDirection(field: string): Direction {
  return field === "created_at" || field === "updated_at" ? "desc" : "asc";
}

export function opposite(direction: Direction): Direction {
  return direction === "asc" ? "desc" : "asc";
}

export function directionLabel({ field, direction }: Sort): string {
  if (field === "created_at" || field === "updated_at") return t(`customers.sort_time_${direction}`);
  if (field === "kind" || field === "enabled") return t(`customers.sort_${field}_${direction}`);
  return t(`customers.sort_text_${direction}`);
}
