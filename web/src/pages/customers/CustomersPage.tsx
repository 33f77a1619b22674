import { Button } from "@mantine/core";
import { IconDeviceFloppy } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useState } from "react";
import type { Filter, SearchItem } from "../../api/types.ts";
import { ago, number } from "../../i18n/format.ts";
import { t } from "../../i18n/i18n.tsx";
import { QueryBar } from "../../query/QueryBar.tsx";
import { childrenOf } from "../../query/tree.ts";
import { useKeys } from "../../ui/keys.ts";
import { Page } from "../../ui/Page.tsx";
import { Failure } from "../../ui/states.tsx";
import { done } from "../../ui/toasts.tsx";
import { ActionBar } from "./ActionBar.tsx";
import { ColumnsMenu } from "./ColumnsMenu.tsx";
import classes from "./CustomersPage.module.css";
import { CustomersTable } from "./CustomersTable.tsx";
import { FilterTabs, filterName } from "./FilterTabs.tsx";
import { SortMenu } from "./SortMenu.tsx";
import { useColumns } from "./useColumns.ts";
import { type CustomersState, useCustomersState } from "./useCustomersState.ts";
import { useFilterActions, useFilters } from "./useFilters.ts";
import { useListKeys } from "./useListKeys.ts";
import { useLiveRows } from "./useLiveRows.ts";
import { useSearch } from "./useSearch.ts";
import { extended, toggled, useSelection } from "./useSelection.ts";

const Confirm = lazy(() => import("../../ui/dialogs.tsx").then((loaded) => ({ default: loaded.Confirm })));
const LogDialog = lazy(() => import("./LogDialog.tsx").then((loaded) => ({ default: loaded.LogDialog })));
const NothingFound = lazy(() =>
  import("./NothingFound.tsx").then((loaded) => ({ default: loaded.NothingFound })),
);
const Peek = lazy(() => import("./Peek.tsx").then((loaded) => ({ default: loaded.Peek })));
const SaveFilter = lazy(() => import("./SaveFilter.tsx").then((loaded) => ({ default: loaded.SaveFilter })));

const STALE_AFTER = 15_000;

export default function CustomersPage() {
  const filters = useFilters();
  const state = useCustomersState(filters);
  const chosen = useColumns(state.active?.fixed ? [] : (state.active?.columns ?? []));
  const saving = useSaving(state, chosen.ids);
  const found = useSearch(state.asked);
  return (
    <Page
      title={t("shell.customers")}
      aside={<Count count={found.count} asOf={found.asOf} />}
      layout="table"
      tabs={
        <FilterTabs
          filters={filters}
          active={state.active?.id ?? "all"}
          changed={state.changed && !state.active?.fixed}
          onChoose={state.choose}
          onRename={saving.edit}
          onUpdate={saving.update}
          onDelete={saving.askDelete}
        />
      }
    >
      <div className={classes.query}>
        <QueryBar root={state.root} onChange={state.setRoot}>
          {childrenOf(state.root).length > 0 && state.changed && (
            <Button
              variant="subtle"
              size="xs"
              leftSection={<IconDeviceFloppy size={16} stroke={1.75} />}
              onClick={saving.open}
            >
              {t("query.save_filter")}
            </Button>
          )}
        </QueryBar>
        {state.sortable && <SortMenu sort={state.sort} onSort={state.setSort} />}
        <ColumnsMenu {...chosen} />
      </div>
      <List state={state} found={found} columns={chosen.columns} />
      {saving.dialogs}
    </Page>
  );
}

function Count({ count, asOf }: { count: number | null; asOf: string | null }) {
  const late = asOf ? Date.now() - Date.parse(asOf) : 0;
  return (
    <span className={classes.count} role="status">
      {count === null ? " " : number(count)}
      {asOf && late > STALE_AFTER && (
        <span className={classes.stale}>{t("customers.stale", { ago: ago(asOf) })}</span>
      )}
    </span>
  );
}

/** Saving, changing and deleting the filter that is shown, with their dialogs. */
function useSaving(state: CustomersState, columns: string[]) {
  const [dialog, setDialog] = useState<"new" | Filter | null>(null);
  const [doomed, setDoomed] = useState<Filter | null>(null);
  const { create, change, remove } = useFilterActions((filter) => {
    setDialog(null);
    state.choose(filter.id);
    done(t("customers.filter_saved"));
  });
  const content = { query: state.whole, columns, sort: [state.sort] };
  const open = useCallback(() => setDialog("new"), []);
  useKeys({ "mod+KeyS": () => childrenOf(state.root).length > 0 && setDialog("new") });
  const dialogs = (
    <>
      <Suspense>
        {dialog !== null && (
          <SaveFilter
            opened
            filter={dialog === "new" ? null : dialog}
            busy={create.isPending || change.isPending}
            onClose={() => setDialog(null)}
            onSave={(saved) => {
              if (dialog === "new") return create.mutate({ ...content, ...saved });
              if (dialog)
                change.mutate({ filter: dialog, body: saved }, { onSuccess: () => setDialog(null) });
            }}
          />
        )}
        {doomed && (
          <Confirm
            opened
            title={t("customers.filter_delete_title", { name: filterName(doomed) })}
            confirm={t("common.delete")}
            onClose={() => setDoomed(null)}
            onConfirm={() => {
              remove.mutate(doomed);
              setDoomed(null);
              state.choose("all");
            }}
          >
            {t("customers.filter_delete_text")}
          </Confirm>
        )}
      </Suspense>
    </>
  );
  const update = (filter: Filter) =>
    change.mutate({ filter, body: content }, { onSuccess: () => state.choose(filter.id) });
  return { open, edit: setDialog, update, askDelete: setDoomed, dialogs };
}

type ListProps = {
  state: CustomersState;
  found: ReturnType<typeof useSearch>;
  columns: ReturnType<typeof useColumns>["columns"];
};

function List({ state, found, columns }: ListProps) {
  const { rows, count } = found;
  const navigate = useNavigate();
  const question = JSON.stringify(found.asked);
  const { selection, set, clear } = useSelection(question);
  const [held, setCursor] = useState({ question, index: -1 });
  const cursor = held.question === question ? held.index : -1;
  const [peek, setPeek] = useState(false);
  const [logging, setLogging] = useState<string[] | null>(null);
  const live = useLiveRows(found.asked, rows, count);
  const loaded = rows.map(({ id }) => id);
  const move = useCallback((index: number) => setCursor({ question, index }), [question]);
  const open = useCallback(
    (item: SearchItem) => void navigate({ to: "/customers/$id", params: { id: item.id } }),
    [navigate],
  );
  const toggle = (item: SearchItem, index: number, range: boolean) => {
    set(
      range && cursor >= 0 ? extended(selection, loaded, cursor, index) : toggled(selection, item.id, loaded),
    );
    move(index);
  };
  const selectAll = () => set(state.sortable ? { all: true } : { all: false, ids: new Set(loaded) });
  useListKeys({ rows, cursor, move, open, toggle, selection, set, selectAll, clear, peek, setPeek });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = found;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const current = rows[cursor];
  if (found.error && rows.length === 0)
    return <Failure error={found.error} retry={() => void found.refetch()} />;
  const nothing = count === 0 && !found.isPlaceholderData && !found.isFetching;
  return (
    <div className={classes.list}>
      <div className={classes.main}>
        {live.waiting > 0 && (
          <button type="button" className={classes.fresh} onClick={live.show}>
            {t("customers.new_rows", { count: live.waiting })}
          </button>
        )}
        {nothing ? (
          <Suspense>
            <NothingFound asked={found.asked} root={state.root} onChange={state.setRoot} />
          </Suspense>
        ) : (
          <CustomersTable
            label={t("shell.customers")}
            rows={rows}
            count={count}
            columns={columns}
            sort={state.sortable ? state.sort : null}
            onSort={state.setSort}
            cursor={cursor}
            onCursor={move}
            onOpen={open}
            selection={selection}
            onToggle={toggle}
            onToggleAll={() => (selection.all ? clear() : selectAll())}
            loading={found.isLoading || isFetchingNextPage}
            stale={found.isPlaceholderData}
            onEnd={onEnd}
          />
        )}
        <ActionBar
          selection={selection}
          count={count}
          loaded={loaded.length}
          query={state.whole}
          onAll={state.sortable ? selectAll : null}
          onClear={clear}
          onLog={setLogging}
        />
      </div>
      <Suspense>
        {peek && current && (
          <Peek item={current} onClose={() => setPeek(false)} onOpen={() => open(current)} />
        )}
        {logging && (
          <LogDialog
            customerIds={logging}
            onClose={() => setLogging(null)}
            onSaved={() => {
              setLogging(null);
              clear();
            }}
          />
        )}
      </Suspense>
    </div>
  );
}
