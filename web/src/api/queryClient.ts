/** What is kept of the server's answers, and which live frame makes which of it stale. */
import { QueryClient } from "@tanstack/react-query";
import { Problem } from "./client.ts";
import { onChange, onJob, onReset } from "./live.ts";
import type { LiveChange, LiveType } from "./types.ts";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 600_000,
      refetchOnWindowFocus: false,
      retry: (count, error) =>
        count < 2 && (!(error instanceof Problem) || error.status === 0 || error.status >= 500),
    },
  },
});

/** Query keys: the first word is the kind, the second the id. */
export const keys = {
  customer: (id: string) => ["customer", id] as const,
  history: (id: string) => ["customer", id, "history"] as const,
  members: (id: string) => ["customer", id, "members"] as const,
  timeline: (id: string) => ["timeline", id] as const,
  groups: ["groups"] as const,
  fields: ["fields"] as const,
  sections: ["sections"] as const,
  lists: ["lists"] as const,
  tags: ["tags"] as const,
  filters: ["filters"] as const,
  users: ["users"] as const,
  userName: (id: string) => ["user-name", id] as const,
  customerName: (id: string) => ["customer-name", id] as const,
  messages: ["messages"] as const,
  jobs: ["jobs"] as const,
  search: ["search"] as const,
  imports: ["imports", "history"] as const,
};

/** The id in a frame that stands for many at once (an import, an entry of hundreds of customers). */
const EVERY = "*";

/** Customers are followed by the list itself (rows change in place, new ones wait), so `search` is not touched here. */
const STALE: Record<LiveType, (change: LiveChange) => readonly (readonly unknown[])[]> = {
  customer: ({ id }) =>
    id === EVERY ? [["customer"], ["customer-name"]] : [keys.customer(id), keys.customerName(id)],
  group: () => [keys.groups],
  custom_field: () => [keys.fields, keys.sections, keys.lists],
  timeline: ({ id }) => [id === EVERY ? ["timeline"] : keys.timeline(id)],
  tag: () => [keys.tags],
  message: () => [keys.messages],
  user: ({ id }) => [keys.users, keys.userName(id)],
  job: () => [keys.jobs, keys.imports],
};

const waiting = new Map<string, readonly unknown[]>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** A burst of frames becomes one round of invalidations. */
function invalidateSoon(stale: readonly (readonly unknown[])[]): void {
  for (const key of stale) waiting.set(JSON.stringify(key), key);
  if (timer !== undefined) return;
  timer = setTimeout(() => {
    const due = [...waiting.values()];
    waiting.clear();
    timer = undefined;
    for (const queryKey of due) void queryClient.invalidateQueries({ queryKey });
  }, 120);
}

export function followLive(): void {
  onChange((change) => invalidateSoon(STALE[change.type]?.(change) ?? []));
  onJob(() => invalidateSoon([keys.jobs, keys.imports]));
  onReset(() => void queryClient.invalidateQueries());
}
