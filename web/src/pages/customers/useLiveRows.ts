/** Live changes in a list: rows that are shown change in place; new results are counted and wait to be asked for. */
import { type InfiniteData, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { api } from "../../api/client.ts";
import { useLive } from "../../api/live.ts";
import { nameOf } from "../../api/queries.ts";
import type { Customer, Id, LiveChange, SearchItem, SearchReply } from "../../api/types.ts";
import { type Search, search, searchBody, searchKey } from "./useSearch.ts";

const SETTLE = 700;

export function useLiveRows(asked: Search, rows: SearchItem[], count: number | null) {
  const client = useQueryClient();
  const [waiting, setWaiting] = useState(0);
  const touched = useRef(new Set<string>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const state = useRef({ asked, rows, count });
  state.current = { asked, rows, count };
  const question = JSON.stringify(asked);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question has its own news
  useEffect(() => setWaiting(0), [question, count]);
  const refresh = useCallback(async () => {
    timer.current = undefined;
    const ids = new Set(touched.current);
    touched.current.clear();
    const now = state.current;
    if (now.count === null) return;
    const shown = now.rows.filter(({ id }) => ids.has(id)).map(({ id }) => id);
    const [fresh, found] = await Promise.all([changed(shown), counted(now.asked)]).catch(
      () => [[], null] as const,
    );
    if (found === null || state.current.asked !== now.asked) return;
    const byId = new Map(fresh.map((item) => [item.id, item]));
    client.setQueryData<InfiniteData<SearchReply>>(
      searchKey(now.asked),
      (data) => data && replaced(data, byId),
    );
    setWaiting(Math.max(0, found - now.count));
  }, [client]);
  useLive(
    useCallback(
      ({ type, id }: LiveChange) => {
        if (type !== "customer") return;
        touched.current.add(id);
        timer.current ??= setTimeout(refresh, SETTLE);
      },
      [refresh],
    ),
  );
  const show = useCallback(() => {
    setWaiting(0);
    void client.resetQueries({ queryKey: searchKey(state.current.asked) });
  }, [client]);
  return { waiting, show };
}

async function changed(ids: Id[]): Promise<SearchItem[]> {
  if (ids.length === 0) return [];
  const { data } = await api.post<{ items: Customer[] }>("/customers:batch-get", { ids: ids.slice(0, 100) });
  return data.items.map(itemOf);
}

async function counted(asked: Search): Promise<number> {
  return (await search({ ...searchBody(asked), limit: 0 })).count ?? 0;
}

/** A customer as a row of results shows it. */
export function itemOf(customer: Customer): SearchItem {
  const first = (kinds: string[]) => {
    const among = customer.contacts.filter(({ kind }) => kinds.includes(kind));
    return (among.find(({ primary }) => primary) ?? among[0])?.value ?? null;
  };
  return {
    ...customer,
    display_name: nameOf({ ...customer, contacts: [] }),
    phone: first(["mobile", "phone", "fax", "whatsapp"]),
    email: first(["email"]),
    city: customer.address?.city ?? null,
  };
}

/** The same pages with newer rows in their places. */
export function replaced(
  data: InfiniteData<SearchReply>,
  byId: Map<string, SearchItem>,
): InfiniteData<SearchReply> {
  const newer = (item: SearchItem) => {
    const found = byId.get(item.id);
    return found && found.version > item.version ? found : item;
  };
  return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(newer) })) };
}
