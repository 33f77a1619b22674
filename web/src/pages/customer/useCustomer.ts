/** A customer and the ways it is changed: optimistic about other people, never losing what they wrote (C9). */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { api, Problem } from "../../api/client.ts";
import { keys } from "../../api/queryClient.ts";
import type { Customer, Id } from "../../api/types.ts";
import { failed } from "../../ui/toasts.tsx";
import { clashes, type Patch } from "./patch.ts";

/** What is changed, and the customer as it was when the person began: live changes meanwhile must not pass for theirs. */
type Edit = { patch: Patch; base?: Customer };
export type Change = (patch: Patch, base?: Customer) => Promise<Customer>;
export type Conflict = { mine: Patch; theirs: Customer };

export function useCustomer(id: Id) {
  return useQuery({
    queryKey: keys.customer(id),
    queryFn: async () => (await api.get<Customer>(`/customers/${id}`)).data,
  });
}

async function send(base: Customer, patch: Patch): Promise<Customer> {
  const path = `/customers/${base.id}`;
  try {
    return (await api.patch<Customer>(path, patch, { version: base.version })).data;
  } catch (error) {
    const current =
      error instanceof Problem && error.code === "stale_version" ? (error.body.current as Customer) : null;
    if (!current || clashes(base, current, patch)) throw error;
    return (await api.patch<Customer>(path, patch, { version: current.version })).data;
  }
}

/**
 * Saves patches. What others changed elsewhere in the customer does not matter; what they changed in the same place is shown
 * beside one's own, to choose from.
 */
export function useChange(id: Id) {
  const client = useQueryClient();
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const take = useCallback(
    (customer: Customer) => {
      client.setQueryData(keys.customer(id), customer);
      void client.invalidateQueries({ queryKey: keys.history(id) });
      void client.invalidateQueries({ queryKey: keys.search, refetchType: "none" });
    },
    [client, id],
  );
  const mutation = useMutation({
    mutationFn: ({ patch, base }: Edit) =>
      send(base ?? (client.getQueryData<Customer>(keys.customer(id)) as Customer), patch),
    onSuccess: take,
    onError: (error, { patch: mine }) => {
      const stale = error instanceof Problem && error.code === "stale_version";
      if (stale) setConflict({ mine, theirs: error.body.current as Customer });
    },
  });
  const resolve = useCallback(
    async (keep: "mine" | "theirs") => {
      if (!conflict) return;
      take(conflict.theirs);
      setConflict(null);
      if (keep === "mine")
        await mutation.mutateAsync({ patch: conflict.mine, base: conflict.theirs }).catch(failed);
    },
    [conflict, mutation, take],
  );
  const { mutateAsync } = mutation;
  const change: Change = useCallback((patch, base) => mutateAsync({ patch, base }), [mutateAsync]);
  return { change, conflict, resolve, take };
}
