/** What many pages read: definitions, names, and how a customer is called. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { t } from "../i18n/i18n.tsx";
import { batched } from "./batched.ts";
import { api } from "./client.ts";
import { keys } from "./queryClient.ts";
import type {
  Customer,
  CustomerSummary,
  CustomField,
  FieldSection,
  Group,
  Id,
  List,
  Page,
  Role,
  UserName,
} from "./types.ts";

const LONG = 5 * 60_000;

async function items<Item>(path: string): Promise<Item[]> {
  return (await api.get<Page<Item>>(path)).data.items;
}

export function useGroups() {
  return useQuery({ queryKey: keys.groups, queryFn: () => items<Group>("/groups"), staleTime: LONG });
}

export function useFields() {
  return useQuery({
    queryKey: keys.fields,
    queryFn: () => items<CustomField>("/custom-fields"),
    staleTime: LONG,
  });
}

export function useSections() {
  return useQuery({
    queryKey: keys.sections,
    queryFn: () => items<FieldSection>("/field-sections"),
    staleTime: LONG,
  });
}

export function useLists() {
  return useQuery({ queryKey: keys.lists, queryFn: () => items<List>("/lists"), staleTime: LONG });
}

export function useRoles(enabled = true) {
  return useQuery({ queryKey: ["roles"], queryFn: () => items<Role>("/roles"), staleTime: LONG, enabled });
}

const userNames = batched<UserName>(
  async (ids) => (await api.post<Page<UserName>>("/users:batch-get", { ids })).data.items,
);

/** A user's name; undefined while it is fetched (all of a page's names in one request). */
export function useUserName(id: Id | null | undefined): string | undefined {
  const { data } = useQuery({
    queryKey: keys.userName(id ?? ""),
    queryFn: () => userNames(id as Id),
    enabled: Boolean(id) && id !== "system",
    staleTime: LONG,
  });
  if (id === "system") return t("common.system");
  if (data === null) return t("common.unknown_user");
  return data ? (data.name ?? data.username) : undefined;
}

/** Names of several users, by id; those on their way are absent. */
export function useUserNames(ids: Id[]): Map<Id, string> {
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: keys.userName(id),
      queryFn: () => userNames(id),
      staleTime: LONG,
    })),
    combine: (results) =>
      new Map(results.flatMap(({ data }) => (data ? [[data.id, data.name ?? data.username] as const] : []))),
  });
}

type Found = { items: (CustomerSummary | Customer)[] };

const customerNames = batched<CustomerSummary | Customer>(
  async (ids) => (await api.post<Found>("/customers:batch-get", { ids })).data.items,
);

/** A customer one may see, by id; null when invisible. */
export function useCustomerSummary(id: Id | null | undefined) {
  return useQuery({
    queryKey: keys.customerName(id ?? ""),
    queryFn: () => customerNames(id as Id),
    enabled: Boolean(id),
    staleTime: LONG,
  });
}

type Named = Partial<Pick<Customer, "kind" | "name" | "first_name" | "last_name">> & {
  display_name?: string;
  phone?: string | null;
  email?: string | null;
  contacts?: Customer["contacts"];
};

/** What a customer is called: a name, else its first contact, else "No name". */
export function nameOf(customer: Named): string {
  const said = customer.display_name || customer.name || joined(customer.first_name, customer.last_name);
  return said || customer.phone || customer.email || customer.contacts?.[0]?.value || t("common.no_name");
}

function joined(...parts: (string | null | undefined)[]): string {
  return parts.filter(Boolean).join(" ");
}
