/** What one may ask of customers: each field with its type and the ops that type takes. Built-in ones, then custom ones. */
import { useFields } from "../api/queries.ts";
import type { CustomField, Operator } from "../api/types.ts";
import { type MessageKey, t } from "../i18n/i18n.tsx";

export type FieldKind =
  | "text"
  | "phone"
  | "email"
  | "kind"
  | "group"
  | "user"
  | "instant"
  | "boolean"
  | "integer"
  | "date"
  | "list";

export type QueryField = {
  name: string;
  label: string;
  kind: FieldKind;
  /** The facet that knows its frequent values. */
  facet?: string;
  custom?: CustomField;
};

const BUILT_IN: [name: string, label: MessageKey, kind: FieldKind, facet?: string][] = [
  ["group", "query.field_group", "group", "groups"],
  ["city", "query.field_city", "text", "city"],
  ["province", "query.field_province", "text", "province"],
  ["country", "query.field_country", "text", "country"],
  ["kind", "query.field_kind", "kind"],
  ["name", "query.field_name", "text"],
  ["first_name", "query.field_first_name", "text"],
  ["last_name", "query.field_last_name", "text"],
  ["company_name", "query.field_company_name", "text"],
  ["position", "query.field_position", "text", "position"],
  ["title", "query.field_title", "text", "title"],
  ["phone", "query.field_phone", "phone"],
  ["email", "query.field_email", "email"],
  ["created_at", "query.field_created_at", "instant"],
  ["updated_at", "query.field_updated_at", "instant"],
  ["created_by", "query.field_created_by", "user", "created_by"],
  ["enabled", "query.field_enabled", "boolean"],
  ["description", "query.field_description", "text"],
];

const TEXTUAL: Operator[] = ["is", "contains", "starts_with", "filled", "empty"];
const ORDERED: Operator[] = ["is", "gte", "lte", "between", "filled", "empty"];

/** The ops one is offered, most used first; the API takes a few more. */
export const OPS: Record<FieldKind, Operator[]> = {
  text: TEXTUAL,
  email: ["contains", "is", "starts_with", "filled", "empty"],
  phone: ["contains", "starts_with", "is", "filled", "empty"],
  kind: ["is"],
  group: ["is"],
  user: ["is"],
  boolean: ["is", "filled", "empty"],
  integer: ORDERED,
  list: ["is", "filled", "empty"],
  date: ["within_last", "within_next", "older_than", "between", "gte", "lte", "is", "filled", "empty"],
  instant: ["within_last", "older_than", "between", "gte", "lte", "is"],
};

/** Ops that take several values, joined by "or" (sent as `in`). */
export const MANY: Record<FieldKind, boolean> = {
  text: true,
  email: false,
  phone: false,
  kind: true,
  group: true,
  user: true,
  boolean: false,
  integer: false,
  list: true,
  date: false,
  instant: false,
};

export function builtInFields(): QueryField[] {
  return BUILT_IN.map(([name, label, kind, facet]) => ({ name, label: t(label), kind, facet }));
}

export function customQueryField(field: CustomField): QueryField {
  return { name: `custom.${field.id}`, label: field.title, kind: field.type, custom: field };
}

/** Every field one may ask for. */
export function useQueryFields(): QueryField[] {
  const { data } = useFields();
  return [...builtInFields(), ...(data ?? []).map(customQueryField)];
}

export const VALUELESS: ReadonlySet<Operator> = new Set(["filled", "empty"]);
export const PERIODS: ReadonlySet<Operator> = new Set(["within_last", "within_next", "older_than"]);

/** `in` is "is" with several values: one and the same choice for people. */
export function shownOp(op: Operator): Operator {
  return op === "in" ? "is" : op;
}
