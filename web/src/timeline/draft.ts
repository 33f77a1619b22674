/** An unsaved entry outlives the page: kept on this device per customer until it is saved or emptied. */
import { useCallback, useState } from "react";
import type { NewEntryAction } from "../api/types.ts";

export type Draft = { actions: NewEntryAction[]; occurred_at: string | null };

export const BLANK: Draft = { actions: [{ text: "", tags: [] }], occurred_at: null };

/** Whether there is anything in it. */
export function says({ actions }: Draft): boolean {
  return actions.some(({ text, tags }) => text.trim() !== "" || tags.length > 0);
}

function read(key: string): Draft | null {
  try {
    const kept = localStorage.getItem(key);
    return kept ? (JSON.parse(kept) as Draft) : null;
  } catch {
    return null;
  }
}

function keep(key: string, draft: Draft): void {
  try {
    if (says(draft)) localStorage.setItem(key, JSON.stringify(draft));
    else localStorage.removeItem(key);
  } catch {
    // A full or forbidden storage costs the draft's second life, not the draft.
  }
}

/** The draft of one key; null keeps nothing (an entry that is edited). */
export function useDraft(key: string | null, initial: Draft) {
  const [draft, setState] = useState<Draft>(() => (key ? read(`rapport.draft.${key}`) : null) ?? initial);
  const setDraft = useCallback(
    (next: Draft) => {
      setState(next);
      if (key) keep(`rapport.draft.${key}`, next);
    },
    [key],
  );
  return [draft, setDraft] as const;
}
