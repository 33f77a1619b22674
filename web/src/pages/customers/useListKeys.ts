/** The keys of the list: ↑↓ move, Shift extends, Space peeks, Enter opens, X selects, Ctrl-A takes all results. */
import type { SearchItem } from "../../api/types.ts";
import { useKeys } from "../../ui/keys.ts";
import { extended, type Selection } from "./useSelection.ts";

type ListKeys = {
  rows: SearchItem[];
  cursor: number;
  move: (index: number) => void;
  open: (item: SearchItem) => void;
  toggle: (item: SearchItem, index: number, range: boolean) => void;
  selection: Selection;
  set: (selection: Selection) => void;
  selectAll: () => void;
  clear: () => void;
  peek: boolean;
  setPeek: (peek: boolean) => void;
};

export function useListKeys(list: ListKeys): void {
  const { rows, cursor, move, open, toggle, selection, set, setPeek } = list;
  const last = rows.length - 1;
  const step = (by: number) => move(Math.max(0, Math.min(last, cursor + by)));
  const extend = (by: number) => {
    const to = Math.max(0, Math.min(last, cursor + by));
    set(
      extended(
        selection,
        rows.map(({ id }) => id),
        Math.max(cursor, 0),
        to,
      ),
    );
    move(to);
  };
  const current = rows[cursor];
  useKeys({
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    KeyJ: () => step(1),
    KeyK: () => step(-1),
    PageDown: () => step(12),
    PageUp: () => step(-12),
    Home: () => move(0),
    End: () => move(last),
    "shift+ArrowDown": () => extend(1),
    "shift+ArrowUp": () => extend(-1),
    Space: (event) => {
      if (event.target instanceof HTMLButtonElement) return event.target.click();
      if (cursor < 0) move(0);
      setPeek(!list.peek);
    },
    Enter: (event) => {
      if (event.target instanceof HTMLElement && event.target.closest("button, a")) {
        return event.target.closest<HTMLElement>("button, a")?.click();
      }
      if (current) open(current);
    },
    KeyX: () => current && toggle(current, cursor, false),
    "mod+KeyA": list.selectAll,
    Escape: () => (list.peek ? setPeek(false) : list.clear()),
  });
}
