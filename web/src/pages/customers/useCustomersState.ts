/** What the list shows, kept in the address: the filter, its query as changed here, the sort. Back and reload know it. */
import { useNavigate, useSearch as useRouterSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { Filter, Query, Sort } from "../../api/types.ts";
import { latinDigits } from "../../i18n/jalali.ts";
import { asQuery, asRoot, both, type GroupNode, sameQuery } from "../../query/tree.ts";
import { BY_NAME } from "./sorting.ts";
import type { Search } from "./useSearch.ts";

type Address = { filter?: string; query?: Query; sort?: Sort; text?: string };

/** Everything that a typed line may be found in, for "all results for …". */
export function textQuery(text: string): Query {
  const digits = latinDigits(text).replace(/\D/g, "");
  const fields = ["name", "company_name", "email"].map(
    (field): Query => ({ field, op: "contains", value: text }),
  );
  return { any: digits.length >= 3 ? [...fields, { field: "phone", op: "contains", value: text }] : fields };
}

export type CustomersState = {
  active: Filter | undefined;
  root: GroupNode;
  sort: Sort;
  /** False for the recently viewed: they stand as they were viewed, and only the last few are kept. */
  sortable: boolean;
  asked: Search;
  /** Everything that is asked as one query: for sending, and for naming what finds nothing. */
  whole: Query | null;
  changed: boolean;
  choose: (filter: string) => void;
  setRoot: (root: GroupNode) => void;
  setSort: (sort: Sort) => void;
};

export function useCustomersState(filters: Filter[]): CustomersState {
  const address = useRouterSearch({ strict: false }) as Address;
  const navigate = useNavigate();
  const active = filters.find(({ id }) => id === (address.filter ?? "all")) ?? filters[0];
  const saved = active && !active.fixed ? active.query : null;
  const query = address.query ?? (address.text ? textQuery(address.text) : saved);
  const sort = address.sort ?? active?.sort[0] ?? BY_NAME;
  const go = useCallback(
    (change: Address, replace: boolean) =>
      void navigate({ to: "/customers", search: change as never, replace }),
    [navigate],
  );
  const filter = active?.id ?? "all";
  return useMemo(() => {
    const root = asRoot(query);
    const sent = asQuery(root);
    const fixed = active?.fixed ? active.id : undefined;
    return {
      active,
      root,
      sort,
      sortable: fixed !== "recently_viewed",
      asked: { filter: fixed === "all" ? undefined : fixed, query: sent, sort },
      whole: both(fixed ? active?.query : null, sent),
      changed: !sameQuery(sent, saved) || (address.sort !== undefined && !active?.fixed),
      choose: (id) => go({ filter: id }, false),
      setRoot: (next) => go({ filter, query: next, sort: address.sort }, true),
      setSort: (next) =>
        go({ filter, query: address.query ?? (address.text ? root : undefined), sort: next }, true),
    };
  }, [active, query, sort, saved, go, filter, address.sort, address.query, address.text]);
}
