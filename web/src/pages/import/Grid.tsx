/** The file as it is, always in sight: every column with its field below the name, rows loaded as they are scrolled to. */
import { Skeleton } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { number } from "@/i18n/format.ts";
import { t } from "@/i18n/i18n.tsx";
import { pixels } from "@/ui/pixels.ts";
import { type ColumnSetting, PAGE_ROWS, type Preview, previewQuery, type Target } from "./api.ts";
import { ColumnHead } from "./ColumnHead.tsx";
import type { ColumnChoice } from "./draft.ts";
import css from "./import.module.css";

/** Height of a row, in rem as the stylesheet has it. */
const ROW = 2;

type GridProps = {
  wish: Omit<Parameters<typeof previewQuery>[0], "page">;
  first: Preview;
  columns: ColumnSetting[];
  targets: Target[];
  twice: Set<string>;
  onColumn: (column: number, choice: ColumnChoice) => void;
  onHeaderRow: (row: number) => void;
  readOnly?: boolean;
};

export function Grid({ wish, first, columns, targets, twice, onColumn, onHeaderRow, readOnly }: GridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: first.total,
    getScrollElement: () => scroller.current,
    estimateSize: () => pixels(ROW),
    overscan: 12,
  });
  const shown = rows.getVirtualItems();
  const pages = [...new Set(shown.map((row) => Math.floor(row.index / PAGE_ROWS)))];
  const loaded = useQueries({ queries: pages.map((page) => previewQuery({ ...wish, page })) });
  const byPage = new Map(pages.map((page, place) => [page, loaded[place]?.data]));
  const rowAt = (index: number): FileRow | undefined => {
    const page = byPage.get(Math.floor(index / PAGE_ROWS));
    const at = page?.row_numbers[index % PAGE_ROWS];
    return page && at !== undefined ? { at, cells: page.rows[index % PAGE_ROWS] ?? [] } : undefined;
  };

  return (
    <div className={css.gridWrap}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard */}
      <section ref={scroller} className={css.grid} tabIndex={0} aria-label={t("importing.grid.label")}>
        <table className={css.gridInner} aria-rowcount={first.total + 1}>
          <thead className={css.gridHead}>
            <tr className={css.gridRow}>
              <th scope="col" className={css.corner}>
                <span className="visually-hidden">{t("importing.grid.row")}</span>
              </th>
              {first.columns.map((column) => (
                <ColumnHead
                  key={column.column}
                  column={column}
                  setting={columns[column.column] ?? { column: column.column, target: null }}
                  targets={targets}
                  twice={twice}
                  remembered={first.remembered}
                  onChange={(choice) => onColumn(column.column, choice)}
                  readOnly={readOnly}
                />
              ))}
            </tr>
          </thead>
          <tbody className={css.gridBody} style={{ blockSize: rows.getTotalSize() }}>
            {shown.map((place) => (
              <Row
                key={place.index}
                offset={place.start}
                row={rowAt(place.index)}
                settings={columns}
                onHeaderRow={readOnly ? undefined : onHeaderRow}
              />
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}

type FileRow = { at: number; cells: (string | null)[] };
type RowProps = {
  offset: number;
  row?: FileRow;
  settings: ColumnSetting[];
  onHeaderRow?: (row: number) => void;
};

function Row({ offset, row, settings, onHeaderRow }: RowProps) {
  return (
    <tr className={css.gridRow} style={{ transform: `translateY(${offset}px)` }}>
      <th scope="row" className={css.rowNumber}>
        <button
          type="button"
          disabled={!onHeaderRow || !row}
          title={row ? t("importing.grid.make_header", { row: row.at }) : undefined}
          onClick={() => row && onHeaderRow?.(row.at)}
        >
          {row ? number(row.at) : ""}
        </button>
      </th>
      {settings.map(({ column, target }) => (
        <td key={column} className={css.cell} data-out={target ? undefined : true}>
          {row ? <bdi>{row.cells[column] ?? ""}</bdi> : <Skeleton height={10} width="60%" />}
        </td>
      ))}
    </tr>
  );
}
