/**
 * What is selected: some customers, or all results. "All" is the query itself, so it holds what is not loaded, too; taking
 * one row out of it goes back to the rows that are loaded.
 */
import { useMemo, useState } from "react";
import type { Id } from "../../api/types.ts";

export type Selection = { all: true } | { all: false; ids: ReadonlySet<Id> };

export const NOTHING: Selection = { all: false, ids: new Set() };

export function isSelected(selection: Selection, id: Id): boolean {
  return selection.all || selection.ids.has(id);
}

export function sizeOf(selection: Selection, count: number | null): number {
  return selection.all ? (count ?? 0) : selection.ids.size;
}

export function toggled(selection: Selection, id: Id, loaded: Id[]): Selection {
  const ids = new Set(selection.all ? loaded : selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { all: false, ids };
}

/** The rows between the anchor and the row, added to what is selected. */
export function extended(selection: Selection, loaded: Id[], from: number, to: number): Selection {
  if (selection.all) return selection;
  const range = loaded.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { all: false, ids: new Set([...selection.ids, ...range]) };
}

/** The selection of one list; another question is another list, with nothing selected. */
export function useSelection(question: string) {
  const [held, setHeld] = useState<{ question: string; selection: Selection }>({
    question,
    selection: NOTHING,
  });
  const selection = held.question === question ? held.selection : NOTHING;
  return useMemo(
    () => ({
      selection,
      set: (next: Selection) => setHeld({ question, selection: next }),
      clear: () => setHeld({ question, selection: NOTHING }),
    }),
    [question, selection],
  );
}
