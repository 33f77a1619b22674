/** The rows: virtual, with the checkbox and the name pinned to the start, moved through by keys. */
import { Checkbox, Skeleton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, memo, useEffect, useRef } from "react";
import { nameOf } from "../../api/queries.ts";
import type { SearchItem, Sort } from "../../api/types.ts";
import { t } from "../../i18n/i18n.tsx";
import { usePreferences } from "../../i18n/preferences.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { pixels } from "../../ui/pixels.ts";
import { U } from "../../ui/text.tsx";
import classes from "./CustomersTable.module.css";
import type { Column } from "./columns.tsx";
import { firstDirection, opposite } from "./sorting.ts";
import { isSelected, type Selection } from "./useSelection.ts";

export type TableProps = {
  rows: SearchItem[];
  count: number | null;
  columns: Column[];
  /** Null: the rows stand in an order of their own, such as the recently viewed. */
  sort: Sort | null;
  onSort: (sort: Sort) => void;
  cursor: number;
  onCursor: (index: number) => void;
  onOpen: (item: SearchItem) => void;
  selection: Selection;
  onToggle: (item: SearchItem, index: number, range: boolean) => void;
  onToggleAll: () => void;
  loading: boolean;
  stale: boolean;
  onEnd: () => void;
  label: string;
};

/** Rows of 36 px, 32 when compact, 44 under a finger; more when the text is larger. */
function useRowHeight(): number {
  const { density } = usePreferences();
  if (matchMedia("(pointer: coarse)").matches) return pixels(2.75);
  return pixels(density === "compact" ? 2 : 2.25);
}

export function CustomersTable(props: TableProps) {
  const { rows, columns, cursor, onEnd } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const height = useRowHeight();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    scrollPaddingStart: 36,
    scrollPaddingEnd: 64,
  });
  const lines = virtual.getVirtualItems();
  const last = lines.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 20) onEnd();
  }, [last, rows.length, onEnd]);
  useEffect(() => {
    if (cursor >= 0) virtual.scrollToIndex(cursor, { align: "auto" });
  }, [cursor, virtual]);
  const template = `40px minmax(12.5rem, 1.4fr) ${columns.map(({ width }) => `minmax(${width / 16}rem, 1fr)`).join(" ")}`;
  const style = { "--columns": template, "--row": `${height}px` } as CSSProperties;
  return (
    <div ref={scroller} className={classes.scroller} style={style} data-stale={props.stale || undefined}>
      <div
        role="table"
        aria-label={props.label}
        aria-rowcount={(props.count ?? rows.length) + 1}
        className={classes.table}
      >
        <Head {...props} />
        <div role="rowgroup" className={classes.body} style={{ blockSize: virtual.getTotalSize() }}>
          {lines.map(({ index, start }) => {
            const item = rows[index];
            return item ? (
              <Row key={item.id} item={item} index={index} start={start} {...rowProps(props, item, index)} />
            ) : null;
          })}
        </div>
        {props.loading && <Waiting columns={columns.length} count={rows.length ? 3 : 14} />}
      </div>
    </div>
  );
}

function rowProps(
  { columns, cursor, selection, onCursor, onOpen, onToggle }: TableProps,
  item: SearchItem,
  index: number,
) {
  return {
    columns,
    onCursor,
    onOpen,
    onToggle,
    current: cursor === index,
    selected: isSelected(selection, item.id),
  };
}

function Head({ columns, sort, onSort, selection, onToggleAll, rows }: TableProps) {
  const some = !selection.all && selection.ids.size > 0;
  return (
    <div role="rowgroup" className={classes.head}>
      <div role="row" className={classes.row}>
        <div role="columnheader" className={classes.tick}>
          <Checkbox
            aria-label={t("customers.select_all")}
            checked={selection.all}
            indeterminate={some}
            disabled={rows.length === 0}
            onChange={onToggleAll}
          />
        </div>
        <HeadCell
          column={{ id: "name", label: t("query.field_name"), sort: "name" }}
          sort={sort}
          onSort={onSort}
          pinned
        />
        {columns.map((column) => (
          <HeadCell key={column.id} column={column} sort={sort} onSort={onSort} />
        ))}
      </div>
    </div>
  );
}

type HeadCellProps = {
  column: Pick<Column, "id" | "label" | "sort" | "end">;
  sort: Sort | null;
  onSort: (sort: Sort) => void;
  pinned?: boolean;
};

function HeadCell({ column, sort, onSort, pinned }: HeadCellProps) {
  const field = sort ? column.sort : undefined;
  const mine = sort && sort.field === field ? sort.direction : null;
  const Arrow = mine === "desc" ? IconArrowDown : IconArrowUp;
  const state = mine ? (mine === "asc" ? "ascending" : "descending") : undefined;
  return (
    <div
      role="columnheader"
      aria-sort={state}
      className={pinned ? classes.pinned : classes.cell}
      data-end={column.end || undefined}
    >
      {field ? (
        <button
          type="button"
          className={classes.sort}
          onClick={() => onSort({ field, direction: mine ? opposite(mine) : firstDirection(field) })}
        >
          <bdi>{column.label}</bdi>
          {mine && <Arrow size={14} stroke={1.75} aria-hidden />}
        </button>
      ) : (
        <bdi>{column.label}</bdi>
      )}
    </div>
  );
}

type RowProps = Pick<TableProps, "columns" | "onCursor" | "onOpen" | "onToggle"> & {
  item: SearchItem;
  index: number;
  start: number;
  current: boolean;
  selected: boolean;
};

const Row = memo(function Row(props: RowProps) {
  const { item, index, start, columns, current, selected } = props;
  const name = nameOf(item);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the page's keys do the same
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-current={current || undefined}
      data-selected={selected || undefined}
      data-disabled={!item.enabled || undefined}
      className={classes.row}
      style={{ transform: `translateY(${start}px)` }}
      onClick={() => props.onCursor(index)}
      onDoubleClick={() => props.onOpen(item)}
    >
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the box inside takes the keys; the cell around it is for fingers */}
      <div
        role="cell"
        className={classes.tick}
        onClick={(event) => {
          event.stopPropagation();
          props.onToggle(item, index, event.shiftKey);
        }}
      >
        <Checkbox
          aria-label={t("customers.select_one", { name })}
          checked={selected}
          onChange={() => undefined}
        />
      </div>
      <div role="cell" className={classes.pinned}>
        <Avatar name={name} kind={item.kind} size={22} />
        <a
          className={classes.name}
          href={`/customers/${item.id}`}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            event.stopPropagation();
            props.onOpen(item);
          }}
        >
          <U>{name}</U>
        </a>
        {!item.enabled && <Badge>{t("common.disabled")}</Badge>}
      </div>
      {columns.map((column) => (
        <div key={column.id} role="cell" className={classes.cell} data-end={column.end || undefined}>
          {column.cell(item)}
        </div>
      ))}
    </div>
  );
});

function Waiting({ columns, count }: { columns: number; count: number }) {
  const lines = Array.from({ length: count }, (_, line) => line);
  const cells = Array.from({ length: columns }, (_, cell) => cell);
  return (
    <div aria-hidden>
      {lines.map((line) => (
        <div key={line} className={classes.row} data-waiting>
          <div className={classes.tick} />
          <div className={classes.pinned}>
            <Skeleton circle height={22} />
            <Skeleton height={10} width={`${44 + ((line * 29) % 40)}%`} />
          </div>
          {cells.map((cell) => (
            <div key={cell} className={classes.cell}>
              <Skeleton height={10} width={`${38 + ((line * 13 + cell * 31) % 45)}%`} />
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
