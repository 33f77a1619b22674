/** Changing a query tree: pure functions on its JSON. A place is a path of indexes from the root, which is always a group. */
import type { Condition, Query } from "../api/types.ts";

export type Mode = "all" | "any" | "none";
export type Path = number[];
export type GroupNode = Exclude<Query, Condition>;

export const EMPTY: GroupNode = { all: [] };

export function isCondition(node: Query): node is Condition {
  return "field" in node;
}

export function modeOf(group: GroupNode): Mode {
  if ("all" in group) return "all";
  return "any" in group ? "any" : "none";
}

export function childrenOf(group: GroupNode): Query[] {
  if ("all" in group) return group.all;
  return "any" in group ? group.any : group.none;
}

export function group(mode: Mode, children: Query[]): GroupNode {
  if (mode === "all") return { all: children };
  return mode === "any" ? { any: children } : { none: children };
}

/** `{none: [condition]}` is how "not …" is written: the condition inside, or null for anything else. */
export function negated(node: Query): Condition | null {
  if (isCondition(node) || !("none" in node) || node.none.length !== 1) return null;
  const only = node.none[0];
  return only && isCondition(only) ? only : null;
}

/** The condition a chip shows, negated or not; null for a real group. */
export function chipOf(node: Query): { condition: Condition; not: boolean } | null {
  if (isCondition(node)) return { condition: node, not: false };
  const inner = negated(node);
  return inner ? { condition: inner, not: true } : null;
}

export function asNode(condition: Condition, not: boolean): Query {
  return not ? { none: [condition] } : condition;
}

/** Any query as a root group, so that conditions can stand beside it. */
export function asRoot(query: Query | null | undefined): GroupNode {
  if (!query) return EMPTY;
  return isCondition(query) || negated(query) || "none" in query ? { all: [query] } : query;
}

/** What is sent: nothing for an empty root, the only child for a root of one. */
export function asQuery(root: GroupNode): Query | null {
  const children = childrenOf(root).filter((child) => isCondition(child) || childrenOf(child).length > 0);
  if (children.length === 0) return null;
  return group(modeOf(root), children);
}

/** The tree with the node at a place changed; null takes it out. */
export function changeAt(root: GroupNode, path: Path, change: (node: Query) => Query | null): GroupNode {
  const [index, ...rest] = path;
  if (index === undefined) return (change(root) ?? EMPTY) as GroupNode;
  const children = childrenOf(root).flatMap((child, at) => {
    if (at !== index) return [child];
    const next = rest.length === 0 || isCondition(child) ? change(child) : changeAt(child, rest, change);
    return next === null ? [] : [next];
  });
  return group(modeOf(root), children);
}

export function removeAt(root: GroupNode, path: Path): GroupNode {
  return changeAt(root, path, () => null);
}

export function appendAt(root: GroupNode, path: Path, node: Query): GroupNode {
  return changeAt(root, path, (found) =>
    isCondition(found) ? found : group(modeOf(found), [...childrenOf(found), node]),
  );
}

export function setMode(root: GroupNode, path: Path, mode: Mode): GroupNode {
  return changeAt(root, path, (found) => (isCondition(found) ? found : group(mode, childrenOf(found))));
}

/** The last condition of the root put into a group of its own with what will be said next ("or …"). */
export function groupLast(root: GroupNode): GroupNode {
  const children = childrenOf(root);
  const last = children.at(-1);
  if (!last) return root;
  const inner: Mode = modeOf(root) === "all" ? "any" : "all";
  return group(modeOf(root), [...children.slice(0, -1), group(inner, [last])]);
}

export function sameQuery(one: Query | null, other: Query | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Both, for a saved filter that is narrowed. */
export function both(one: Query | null | undefined, other: Query | null | undefined): Query | null {
  if (!one) return other ?? null;
  return other ? { all: [one, other] } : one;
}
