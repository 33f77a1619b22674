/** The results of a search, page after page by keyset, with their exact count. */

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import { keys } from "../../api/queryClient.ts";
import type { Query, SearchItem, SearchReply, SearchRequest, Sort } from "../../api/types.ts";

export type Search = { filter?: string; query: Query | null; sort: Sort };

const PAGE = 60;

export function searchBody({ filter, query, sort }: Search): SearchRequest {
  const ordered = filter === "recently_viewed" ? [] : [sort];
  return { filter, query, sort: ordered, limit: PAGE };
}

export async function search(body: SearchRequest, signal?: AbortSignal): Promise<SearchReply> {
  return (await api.post<SearchReply>("/customers:search", body, { signal, positioned: true })).data;
}

export function searchKey(asked: Search) {
  return [...keys.search, "rows", asked] as const;
}

export function useSearch(asked: Search) {
  const [settled] = useDebouncedValue(asked, 120);
  const found = useInfiniteQuery({
    queryKey: searchKey(settled),
    queryFn: ({ pageParam, signal }) =>
      search({ ...searchBody(settled), after: pageParam, count: pageParam === null }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    staleTime: 15_000,
    refetchOnMount: "always", // who comes back to the list sees what happened meanwhile, such as an import
  });
  const pages = found.data?.pages ?? [];
  return {
    ...found,
    asked: settled,
    rows: pages.flatMap((page): SearchItem[] => page.items),
    count: pages[0]?.count ?? null,
    asOf: pages[0]?.as_of ?? null,
  };
}
