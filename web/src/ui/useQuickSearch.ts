import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api } from "../api/client.ts";
import { keys } from "../api/queryClient.ts";
import type { QuickReply } from "../api/types.ts";

/** The best few customers for what is being typed: part of a name, a phone in any spelling, an e-mail address. */
export function useQuickSearch(text: string, limit = 8) {
  const [q] = useDebouncedValue(text.trim(), 90);
  const enabled = q.length > 0;
  const { data, isFetching, error } = useQuery({
    queryKey: [...keys.search, "quick", q, limit],
    queryFn: ({ signal }) =>
      api.get<QuickReply>("/customers:quick", { params: { q, limit }, signal, positioned: true }),
    enabled,
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  });
  const settled = q === text.trim() && !isFetching;
  return { hits: enabled ? (data?.data.items ?? []) : [], settled, error };
}
