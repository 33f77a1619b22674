/**
 * Whom a message is for, handed from a list to the composer. A selection is a query: "all results" travels as the query
 * itself, never as its ids. Kept for the tab, so that a reload of the composer still knows.
 */
import type { Id, Query } from "../api/types.ts";

export type Audience = (
  | { query: Query | null }
  | { customer_ids: Id[] }
  | { group: { id: Id; subgroups: boolean } }
) & {
  /** What the person chose, in words: shown by the composer ("City is Tehran", "3 chosen customers"). */
  title: string;
};

const KEY = "rapport.audience";

/** The composer's address; go there after `setAudience`. */
export const COMPOSE_PATH = "/messages/compose";

export function setAudience(audience: Audience): void {
  sessionStorage.setItem(KEY, JSON.stringify(audience));
}

export function getAudience(): Audience | null {
  const kept = sessionStorage.getItem(KEY);
  return kept ? (JSON.parse(kept) as Audience) : null;
}

export function clearAudience(): void {
  sessionStorage.removeItem(KEY);
}
