import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { api } from "../api/client.ts";
import { keys } from "../api/queryClient.ts";
import type { Entry, Id, Page } from "../api/types.ts";

export type Asked = { q: string; kinds: string[]; tags: Id[] };

/** A customer's entries, newest first, page by page. A filtered page may be empty and still have a next one. */
export function useTimeline(id: Id, asked: Asked) {
  const [settled] = useDebouncedValue(asked, 150);
  const found = useInfiniteQuery({
    queryKey: [...keys.timeline(id), "entries", settled],
    queryFn: async ({ pageParam, signal }) => {
      const params = { q: settled.q.trim(), kinds: settled.kinds.join(","), tags: settled.tags.join(",") };
      const path = `/customers/${id}/timeline`;
      return (
        await api.get<Page<Entry>>(path, { params: { ...params, after: pageParam, limit: 50 }, signal })
      ).data;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  });
  return { ...found, entries: found.data?.pages.flatMap((page) => page.items) ?? [] };
}
