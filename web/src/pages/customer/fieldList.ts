/** All fields of a customer in the order of the page: built-in sections, then the custom ones by section. */
import type { Customer, CustomField, FieldSection, FieldValue } from "../../api/types.ts";
import { sectionTitle } from "../../customer-form/sectionTitle.ts";
import { type MessageKey, t } from "../../i18n/i18n.tsx";
import type { Patch } from "./patch.ts";

export type FieldView = "all" | "filled" | "empty" | "basic" | "additional";

export type DetailField = {
  key: string;
  label: string;
  value: FieldValue | null;
  /** Absent for built-in text. */
  custom?: CustomField;
  basic: boolean;
  patch: (value: FieldValue | null) => Patch;
};

export type DetailSection = { key: string; title: string; fields: DetailField[] };

const PERSON = ["title", "first_name", "last_name", "company_name", "position"] as const;
const ORGANIZATION = ["title", "name"] as const;
const ADDRESS = ["street", "city", "province", "postal_code", "country"] as const;

function label(name: string): string {
  return t(`customer.field_${name}` as MessageKey);
}

function main(customer: Customer): DetailField[] {
  const names = customer.kind === "organization" ? ORGANIZATION : PERSON;
  return names.map((name) => ({
    key: name,
    label: label(name),
    value: customer[name] ?? null,
    basic: true,
    patch: (value) => ({ [name]: value }) as Patch,
  }));
}

function address(customer: Customer): DetailField[] {
  return ADDRESS.map((name) => ({
    key: `address.${name}`,
    label: label(name),
    value: customer.address?.[name] ?? null,
    basic: true,
    patch: (value) => ({ address: { [name]: value as string | null } }),
  }));
}

/** A custom field is the customer's when it has no groups, or one of the customer's; a retired one as long as it has a value. */
export function appliesTo(field: CustomField, groups: string[], value: unknown): boolean {
  if (field.retired) return value !== undefined && value !== null;
  return field.group_ids.length === 0 || field.group_ids.some((id) => groups.includes(id));
}

function custom(customer: Customer, fields: CustomField[]): DetailField[] {
  return fields
    .filter((field) => appliesTo(field, customer.groups, customer.fields[field.id]))
    .sort((a, b) => a.position - b.position)
    .map((field) => ({
      key: `custom.${field.id}`,
      label: field.title,
      value: customer.fields[field.id] ?? null,
      custom: field,
      basic: field.placement === "basic",
      patch: (value) => ({ fields: { [field.id]: value } }),
    }));
}

export function sectionsOf(
  customer: Customer,
  fields: CustomField[],
  sections: FieldSection[],
): DetailSection[] {
  const ordered = [...sections].sort((a, b) => a.position - b.position);
  const own = ordered.map((section) => ({
    key: section.id,
    title: sectionTitle(section),
    fields: custom(
      customer,
      fields.filter(({ section_id }) => section_id === section.id),
    ),
  }));
  return [
    { key: "main", title: t("customer.section_main"), fields: main(customer) },
    { key: "address", title: t("customer.section_address"), fields: address(customer) },
    ...own.filter((section) => section.fields.length > 0),
  ];
}

export function isFilled(value: FieldValue | null): boolean {
  return value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
}

/** The fields that a view shows. */
export function viewed(sections: DetailSection[], view: FieldView): DetailSection[] {
  const keep = (field: DetailField) => {
    if (view === "filled") return isFilled(field.value);
    if (view === "empty") return !isFilled(field.value);
    if (view === "basic") return field.basic;
    return view === "additional" ? !field.basic : true;
  };
  return sections
    .map((section) => ({ ...section, fields: section.fields.filter(keep) }))
    .filter((section) => section.fields.length > 0);
}
