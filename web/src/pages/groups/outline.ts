/** The tree of groups as an outline: where a row goes when it is indented or moved, and what a pasted list means. */
import type { Group, Id } from "@/api/types.ts";
import type { GroupNode } from "../kit/data.ts";

export type Place = { parent_id: Id | null; position: number };

/** The groups directly below a parent, in their order. */
export function children(groups: Group[], parent: Id | null): Group[] {
  return groups.filter((group) => group.parent_id === parent);
}

/** One level deeper: last below the sibling above it; null when there is none. */
export function indented(groups: Group[], group: Group): Place | null {
  const siblings = children(groups, group.parent_id);
  const above = siblings[siblings.findIndex((one) => one.id === group.id) - 1];
  return above ? { parent_id: above.id, position: children(groups, above.id).length } : null;
}

/** One level up: right after what was its parent; null at the top. */
export function outdented(groups: Group[], group: Group): Place | null {
  const parent = groups.find((one) => one.id === group.parent_id);
  return parent ? after(groups, parent) : null;
}

/** The place right after a group, among its siblings. */
export function after(groups: Group[], group: Group): Place {
  const position = children(groups, group.parent_id).findIndex((one) => one.id === group.id) + 1;
  return { parent_id: group.parent_id, position };
}

/** One place up or down among its siblings; null at the edge. */
export function moved(groups: Group[], group: Group, by: -1 | 1): Place | null {
  const siblings = children(groups, group.parent_id);
  const position = siblings.findIndex((one) => one.id === group.id) + by;
  return position >= 0 && position < siblings.length ? { parent_id: group.parent_id, position } : null;
}

/** Where a group is now, to bring it back there. */
export function placeOf(groups: Group[], group: Group): Place {
  const position = children(groups, group.parent_id).findIndex((one) => one.id === group.id);
  return { parent_id: group.parent_id, position };
}

/** Rows that show: those below a folded group do not. */
export function visible(tree: GroupNode[], folded: ReadonlySet<Id>): GroupNode[] {
  const hidden = new Set<Id>();
  return tree.filter((group) => {
    const above = group.parent_id;
    if (above && (hidden.has(above) || folded.has(above))) {
      hidden.add(group.id);
      return false;
    }
    return true;
  });
}

/** A group and everything below it. */
export function subtree(groups: Group[], id: Id): Set<Id> {
  const found = new Set([id]);
  for (const group of groups) if (group.parent_id && found.has(group.parent_id)) found.add(group.id);
  return found;
}

export type Line = { name: string; depth: number };

/** A pasted list: a line each, its depth by tabs, spaces or leading dashes; never deeper than one below the line before. */
export function parseOutline(text: string): Line[] {
  const rows = text
    .split(/\r?\n/)
    .map((line) => /^([\t ]*(?:[-*•–]+[\t ]+)?)(.*)$/.exec(line))
    .map((match) => ({ width: widthOf(match?.[1] ?? ""), name: (match?.[2] ?? "").trim() }))
    .filter((row) => row.name !== "");
  const open: number[] = [];
  return rows.map(({ width, name }) => {
    while (open.length && (open.at(-1) ?? 0) >= width) open.pop();
    open.push(width);
    return { name, depth: open.length - 1 };
  });
}

function widthOf(lead: string): number {
  const dashes = /[-*•–]+/.exec(lead)?.[0].length ?? 0;
  const spaces = [...(lead.split(/[-*•–]/)[0] ?? "")].reduce((sum, char) => sum + (char === "\t" ? 4 : 1), 0);
  return spaces + Math.max(0, dashes - 1) * 2;
}
