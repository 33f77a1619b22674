/** What messaging takes and gives (api.md, messaging), as these pages use it. */
import { useQuery } from "@tanstack/react-query";
import { api } from "@/api/client.ts";
import { keys } from "@/api/queryClient.ts";
import type { PreviewOut, Skipped, TemplateOut, Variable } from "@/api/schema.gen.ts";
import type { Consent, Id, Message, Page, Query } from "@/api/types.ts";

export type AudienceBody =
  | { query: Query }
  | { group: { id: Id; subgroups: boolean } }
  | { customer_ids: Id[] };

export type { Skipped, Variable };
export type Preview = PreviewOut;
export type SentMessage = Message;
export type Template = TemplateOut;

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
