import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api } from "../api/client.ts";
import { keys } from "../api/queryClient.ts";
import type { Facet, SearchReply } from "../api/types.ts";

/** The most frequent values of some fields, with how many customers hold each. */
export function useFacets(names: string[], enabled = true): Record<string, Facet[]> {
  const { data } = useQuery({
    queryKey: [...keys.search, "facets", ...names],
    queryFn: async ({ signal }) => {
      const body = { limit: 0, count: false, facets: names };
      return (await api.post<SearchReply>("/customers:search", body, { signal })).data.facets;
    },
    enabled: enabled && names.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  return data ?? {};
}
