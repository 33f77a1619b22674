/** What messaging takes and gives (api.md, messaging), as these pages use it. */
import { useQuery } from "@tanstack/react-query";
import { api } from "@/api/client.ts";
import { keys } from "@/api/queryClient.ts";
import type { Consent, Id, MessageState, Page, Query } from "@/api/types.ts";

export type AudienceBody =
  | { query: Query }
  | { group: { id: Id; subgroups: boolean } }
  | { customer_ids: Id[] };

export const SKIP_REASONS = [
  "no_contact",
  "opted_out",
  "disabled",
  "duplicate",
  "invalid",
  "empty_text",
  "too_long",
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];
export type Skipped = { reason: SkipReason; count: number; customer_ids: Id[] };

export type Preview = {
  audience_id: Id;
  recipients: number;
  skipped: Skipped[];
  encoding: "GSM-7" | "UCS-2";
  parts: number;
  total_parts: number;
  forced_by: string | null;
  samples: { customer_id: Id; body: string }[];
  cost: { amount: string; currency: string } | null;
};

export type SentMessage = {
  id: Id;
  channel: "sms";
  direction: "outgoing" | "incoming";
  customer_id: Id | null;
  address: string;
  body: string;
  state: MessageState;
  reason: string | null;
  at: string;
  created_at: string;
  by: Id | null;
  job_id: Id | null;
  version: number;
};

export type Template = {
  id: Id;
  name: string;
  channel: "sms";
  body: string;
  group_ids: Id[];
  version: number;
  updated_at: string;
};

export type Variable = { name: string; title: string };

export type SendResult = {
  recipients: number;
  sent: number;
  failed: number;
  unknown: number;
  skipped: Record<string, number>;
};

export const templatesKey = ["templates"] as const;

export function useTemplates() {
  return useQuery({
    queryKey: [...templatesKey, "all"],
    queryFn: async ({ signal }) =>
      (await api.get<Page<Template>>("/templates", { params: { limit: 500 }, signal })).data.items,
  });
}

export function useVariables() {
  return useQuery({
    queryKey: ["template-variables"],
    queryFn: async ({ signal }) =>
      (await api.get<Page<Variable>>("/templates/variables", { signal })).data.items,
  });
}

export const consentKey = (address: string) => [...keys.messages, "consent", address] as const;

export function useConsent(address: string | null) {
  return useQuery({
    queryKey: consentKey(address ?? ""),
    queryFn: async ({ signal }) =>
      (await api.get<Consent>("/consent", { params: { channel: "sms", address }, signal })).data,
    enabled: Boolean(address),
  });
}

export async function setConsent(
  address: string,
  state: Consent["state"],
  how: string | null,
): Promise<Consent> {
  const body = how ? { state, how } : { state };
  return (await api.put<Consent>("/consent", body, { params: { channel: "sms", address } })).data;
}
