import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import { keys } from "../../api/queryClient.ts";
import type { Filter, Page } from "../../api/types.ts";
import { t } from "../../i18n/i18n.tsx";
import { done, failed } from "../../ui/toasts.tsx";

/** The fixed filters and those one may use. */
export function useFilters(): Filter[] {
  const { data } = useQuery({
    queryKey: keys.filters,
    queryFn: async () => (await api.get<Page<Filter>>("/filters", { params: { limit: 500 } })).data.items,
  });
  return data ?? [];
}

type Body = Pick<Filter, "name" | "query" | "columns" | "sort" | "shared_with">;

/** Saving, changing and deleting filters; a deleted one can be brought back. */
export function useFilterActions(onSaved: (filter: Filter) => void) {
  const client = useQueryClient();
  const settle = () => client.invalidateQueries({ queryKey: keys.filters });
  const create = useMutation({
    mutationFn: async (body: Body) => (await api.post<Filter>("/filters", body)).data,
    onSuccess: async (filter) => {
      await settle();
      onSaved(filter);
    },
    onError: failed,
  });
  const change = useMutation({
    mutationFn: ({ filter, body }: { filter: Filter; body: Partial<Body> }) =>
      api.patch<Filter>(`/filters/${filter.id}`, body, { version: filter.version }),
    onSuccess: async () => {
      await settle();
      done(t("customers.filter_saved"));
    },
    onError: failed,
  });
  const remove = useMutation({
    mutationFn: (filter: Filter) => api.delete(`/filters/${filter.id}`, { version: filter.version }),
    onSuccess: async (_, filter) => {
      await settle();
      const { name, query, columns, sort, shared_with } = filter;
      done(t("customers.filter_deleted", { name }), () =>
        api.post("/filters", { name, query, columns, sort, shared_with }).then(settle),
      );
    },
    onError: failed,
  });
  return { create, change, remove };
}
