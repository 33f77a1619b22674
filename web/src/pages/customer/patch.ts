/** Merge patches of a customer (RFC 7396): what they would change, and whether that place has changed meanwhile. */
import type { Contact, Customer, FieldValue, Id, OrganizationLink } from "../../api/types.ts";

export type Patch = Partial<
  Pick<
    Customer,
    "title" | "first_name" | "last_name" | "name" | "company_name" | "position" | "description" | "related_to"
  >
> & {
  address?: Record<string, string | null>;
  fields?: Record<Id, FieldValue | null>;
  contacts?: Contact[];
  groups?: Id[];
  organizations?: OrganizationLink[];
};

export type Place = { path: string; mine: unknown; theirs: unknown };

const NESTED = ["address", "fields"] as const;

function inside(customer: Customer, path: string[]): unknown {
  let value: unknown = customer;
  for (const key of path) value = (value as Record<string, unknown> | null | undefined)?.[key];
  return value ?? null;
}

function leaves(patch: Patch): [path: string[], value: unknown][] {
  return Object.entries(patch).flatMap(([key, value]) => {
    if (!(NESTED as readonly string[]).includes(key)) return [[[key], value] as [string[], unknown]];
    return Object.entries(value as object).map(([inner, leaf]): [string[], unknown] => [[key, inner], leaf]);
  });
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

/** Whether somebody changed, since `base`, what the patch is about to change. */
export function clashes(base: Customer, current: Customer, patch: Patch): boolean {
  return leaves(patch).some(([path]) => !same(inside(base, path), inside(current, path)));
}

/** What the patch says beside what stands there now. */
export function places(current: Customer, patch: Patch): Place[] {
  return leaves(patch).map(([path, mine]) => ({ path: path.join("."), mine, theirs: inside(current, path) }));
}

/** The patch that takes another one back. */
export function inverse(before: Customer, patch: Patch): Patch {
  const out: Record<string, unknown> = {};
  for (const [path] of leaves(patch)) {
    const [outer, inner] = path as [string, string | undefined];
    const value = inside(before, path);
    if (inner === undefined) out[outer] = value;
    else out[outer] = { ...(out[outer] as object | undefined), [inner]: value };
  }
  return out as Patch;
}

/** Contacts as they are sent: what the service works out itself is left out. */
export function plainContacts(contacts: Contact[]): Contact[] {
  return contacts.map(({ kind, value, label, primary }) => ({ kind, value, label, primary }));
}
