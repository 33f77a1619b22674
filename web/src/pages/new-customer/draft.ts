/** A customer being written down: kept whole while the form is open, sent as the API wants it. */
import type { Contact, ContactKind, CustomField, FieldValue, Id, NewCustomer } from "../../api/types.ts";
import { appliesTo } from "../customer/fieldList.ts";

export type ContactLine = { key: string; kind: ContactKind; value: string; label: string };

export type NewDraft = {
  kind: "person" | "organization";
  groups: Id[];
  names: Record<string, string>;
  contacts: ContactLine[];
  address: Record<string, string>;
  fields: Record<Id, FieldValue | null>;
  description: string;
};

let lines = 0;

export function contactLine(kind: ContactKind): ContactLine {
  lines += 1;
  return { key: `line${lines}`, kind, value: "", label: "" };
}

/** A blank form that keeps what one types many times in a row: the kind and the groups. */
export function blank(kind: NewDraft["kind"] = "person", groups: Id[] = []): NewDraft {
  const contacts = [contactLine("mobile"), contactLine("email")];
  return { kind, groups, names: {}, contacts, address: {}, fields: {}, description: "" };
}

/** A form that begins with a number somebody wrote from; one that is no number begins blank. */
export function fromNumber(number: unknown): NewDraft {
  const draft = blank();
  const [mobile] = draft.contacts;
  if (mobile && typeof number === "string") mobile.value = number;
  return draft;
}

/** The fields that the form asks for: basic ones of the chosen groups. */
export function askedFields(fields: CustomField[], groups: Id[]): CustomField[] {
  return fields
    .filter((field) => !field.retired && field.placement === "basic" && appliesTo(field, groups, undefined))
    .sort((a, b) => a.position - b.position);
}

function filled(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values)
      .map(([key, value]) => [key, value.trim()] as const)
      .filter(([, value]) => value !== ""),
  );
}

const NAMES = {
  person: ["title", "first_name", "last_name", "company_name", "position"],
  organization: ["title", "name"],
} as const;

export function namesOf(kind: NewDraft["kind"]): readonly string[] {
  return NAMES[kind];
}

function sentContacts(draft: NewDraft): Contact[] {
  const said = draft.contacts.filter(({ value }) => value.trim() !== "");
  return said.map(({ kind, value, label }, index) => ({
    kind,
    value: value.trim(),
    label: label.trim() || null,
    primary: said.findIndex((one) => one.kind === kind) === index,
  }));
}

/** The body that is sent; fields of groups that were unchosen again stay behind. */
export function bodyOf(draft: NewDraft, fields: CustomField[]): NewCustomer {
  const kinds = namesOf(draft.kind);
  const names = filled(
    Object.fromEntries(Object.entries(draft.names).filter(([key]) => kinds.includes(key))),
  );
  const asked = askedFields(fields, draft.groups);
  const values = asked.flatMap(({ id }) => {
    const value = draft.fields[id];
    return value === null || value === undefined ? [] : [[id, value] as const];
  });
  const address = filled(draft.address);
  return {
    kind: draft.kind,
    groups: draft.groups,
    ...names,
    contacts: sentContacts(draft),
    ...(Object.keys(address).length ? { address } : {}),
    ...(values.length ? { fields: Object.fromEntries(values) } : {}),
    ...(draft.description.trim() ? { description: draft.description.trim() } : {}),
  };
}

/** Why it cannot be sent yet, as catalogue keys by field. */
export function wants(draft: NewDraft, fields: CustomField[]): Record<string, "groups" | "name" | "field"> {
  const missing: Record<string, "groups" | "name" | "field"> = {};
  if (draft.groups.length === 0) missing.groups = "groups";
  const body = bodyOf(draft, fields);
  const named = ["first_name", "last_name", "name", "company_name"].some((key) => key in body);
  if (!named && body.contacts?.length === 0) missing.name = "name";
  for (const field of askedFields(fields, draft.groups)) {
    if (field.required && (draft.fields[field.id] ?? null) === null) missing[field.id] = "field";
  }
  return missing;
}
