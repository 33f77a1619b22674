/** Endless lists, and groups as a tree: what several pages of administration read. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api } from "@/api/client.ts";
import { useGroups } from "@/api/queries.ts";
import type { Group, Id, Page } from "@/api/types.ts";

type Params = Record<string, string | number | boolean | null | undefined>;

/** Every page of a keyset-paged list, as the person asks for more. */
export function usePages<Item>(key: readonly unknown[], path: string, params: Params = {}, enabled = true) {
  const pages = useInfiniteQuery({
    queryKey: [...key, path, params],
    queryFn: async ({ pageParam, signal }) => {
      const answer = await api.get<Page<Item>>(path, { params: { ...params, after: pageParam }, signal });
      return answer.data;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    enabled,
  });
  return { ...pages, items: pages.data?.pages.flatMap((page) => page.items) ?? [] };
}

export type GroupNode = Group & { depth: number; path: string };

/** Groups in tree order with their depth and path; the API gives them depth first. */
export function withDepth(groups: Group[]): GroupNode[] {
  const known = new Map<Id, GroupNode>();
  return groups.map((group) => {
    const parent = group.parent_id ? known.get(group.parent_id) : undefined;
    const node = {
      ...group,
      depth: parent ? parent.depth + 1 : 0,
      path: parent ? `${parent.path} / ${group.name}` : group.name,
    };
    known.set(group.id, node);
    return node;
  });
}

const NONE: Group[] = [];

/** All groups the person sees, each with its depth and path. */
export function useGroupTree() {
  const query = useGroups();
  const groups = query.data ?? NONE;
  const tree = useMemo(() => withDepth(groups), [groups]);
  return { ...query, tree };
}

/** Options of a select of groups: by their path. */
export function groupOptions(groups: GroupNode[]): { value: Id; label: string }[] {
  return groups.map((group) => ({ value: group.id, label: group.path }));
}
