/** Handing an audience from the page that found it to the composer, past a reload, within this window only. */
import type { Id, Query } from "@/api/types.ts";
import type { AudienceBody } from "./api.ts";

/** What to write to and how to call it: `label` is shown, `count` was true when it was found. */
export type Audience = { body: AudienceBody; label: string; count: number | null };

const KEY = "rapport.audience";

/** Found customers as an audience: the query itself, never a list of ids. */
export const foundAudience = (query: Query, label: string, count: number | null): Audience => ({
  body: { query },
  label,
  count,
});

export const peopleAudience = (ids: Id[], label: string): Audience => ({
  body: { customer_ids: ids },
  label,
  count: ids.length,
});

/** Keeps the audience for the composer: call this, then go to `/messages/compose`. */
export function passAudience(audience: Audience): void {
  sessionStorage.setItem(KEY, JSON.stringify(audience));
}

/** The audience that was handed over, if any; it stays until another one is. */
export function takeAudience(): Audience | null {
  const kept = sessionStorage.getItem(KEY);
  if (!kept) return null;
  try {
    const found = JSON.parse(kept) as Audience;
    return typeof found === "object" && found !== null && "body" in found ? found : null;
  } catch {
    return null;
  }
}

export function forgetAudience(): void {
  sessionStorage.removeItem(KEY);
}
