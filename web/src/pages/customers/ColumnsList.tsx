/** The columns in order, dragged, or moved by Alt and the arrows, or by the buttons; below them those not shown. */

import { DragDropProvider, type DragEndEvent } from "@dnd-kit/react";
import { isSortable, useSortable } from "@dnd-kit/react/sortable";
import { ActionIcon, Checkbox } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconGripVertical } from "@tabler/icons-react";
import type { KeyboardEvent } from "react";
import { t } from "../../i18n/i18n.tsx";
import classes from "./ColumnsMenu.module.css";
import type { Column } from "./columns.tsx";
import { moved } from "./moved.ts";
import type { Chosen } from "./useColumns.ts";

export default function ColumnsList({ all, ids, setIds }: Chosen) {
  const shown = ids.flatMap((id) => all.find((column) => column.id === id) ?? []);
  const hidden = all.filter(({ id }) => !ids.includes(id));
  const onDragEnd = ({ canceled, operation }: DragEndEvent) => {
    const { source } = operation;
    if (!canceled && isSortable(source)) setIds(moved(ids, source.initialIndex, source.index));
  };
  return (
    <div className={classes.menu}>
      <DragDropProvider onDragEnd={onDragEnd}>
        {shown.map((column, index) => (
          <Line key={column.id} column={column} index={index} ids={ids} setIds={setIds} />
        ))}
      </DragDropProvider>
      {hidden.map((column) => (
        <div key={column.id} className={classes.line}>
          <Checkbox
            checked={false}
            label={<bdi>{column.label}</bdi>}
            onChange={() => setIds([...ids, column.id])}
          />
        </div>
      ))}
    </div>
  );
}

type LineProps = { column: Column; index: number; ids: string[]; setIds: (ids: string[]) => void };

function Line({ column, index, ids, setIds }: LineProps) {
  const { ref, handleRef } = useSortable({ id: column.id, index });
  const move = (to: number) => setIds(moved(ids, index, to));
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    move(event.key === "ArrowUp" ? index - 1 : index + 1);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys bubble up from the line's own checkbox
    <div ref={ref} className={classes.line} onKeyDown={onKeyDown}>
      <span ref={handleRef} className={classes.grip} aria-hidden>
        <IconGripVertical size={16} stroke={1.75} />
      </span>
      <Checkbox
        checked
        label={<bdi>{column.label}</bdi>}
        onChange={() => setIds(ids.filter((id) => id !== column.id))}
      />
      <span className={classes.moves}>
        <ActionIcon
          size={24}
          disabled={index === 0}
          aria-label={t("customers.column_up", { name: column.label })}
          onClick={() => move(index - 1)}
        >
          <IconArrowUp size={14} stroke={1.75} />
        </ActionIcon>
        <ActionIcon
          size={24}
          disabled={index === ids.length - 1}
          aria-label={t("customers.column_down", { name: column.label })}
          onClick={() => move(index + 1)}
        >
          <IconArrowDown size={14} stroke={1.75} />
        </ActionIcon>
      </span>
    </div>
  );
}
