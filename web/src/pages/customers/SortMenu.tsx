/** What the list is sorted by, which way, and every other field that it can be sorted by, whether or not its column is shown. */
import { Button, Menu } from "@mantine/core";
import { IconCheck, IconSortAscending, IconSortDescending } from "@tabler/icons-react";
import type { Sort } from "../../api/types.ts";
import { t } from "../../i18n/i18n.tsx";
import classes from "./SortMenu.module.css";
import {
  type Direction,
  directionLabel,
  firstDirection,
  isSortField,
  SORT_FIELDS,
  sortLabel,
} from "./sorting.ts";

type Props = { sort: Sort; onSort: (sort: Sort) => void };

export function SortMenu({ sort, onSort }: Props) {
  const { field, direction } = { ...sort, field: isSortField(sort.field) ? sort.field : ("name" as const) };
  const Icon = direction === "asc" ? IconSortAscending : IconSortDescending;
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Button
          variant="subtle"
          size="xs"
          className={classes.target}
          leftSection={<Icon size={16} stroke={1.75} />}
          aria-label={t("customers.sort_now", { field: sortLabel(field), order: directionLabel(sort) })}
        >
          <span className={classes.label}>{sortLabel(field)}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={classes.menu}>
        <Menu.Label>{t("customers.sort_order")}</Menu.Label>
        {(["asc", "desc"] satisfies Direction[]).map((one) => (
          <Choice key={one} chosen={one === direction} onChoose={() => onSort({ field, direction: one })}>
            {directionLabel({ field, direction: one })}
          </Choice>
        ))}
        <Menu.Divider />
        <Menu.Label>{t("customers.sort_by")}</Menu.Label>
        {SORT_FIELDS.map((one) => (
          <Choice
            key={one}
            name={one}
            chosen={one === field}
            onChoose={() => one !== field && onSort({ field: one, direction: firstDirection(one) })}
          >
            {sortLabel(one)}
          </Choice>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

type ChoiceProps = { name?: string; chosen: boolean; onChoose: () => void; children: string };

function Choice({ name, chosen, onChoose, children }: ChoiceProps) {
  return (
    <Menu.Item
      role="menuitemradio"
      aria-checked={chosen}
      data-field={name}
      rightSection={chosen ? <IconCheck size={16} stroke={2} /> : null}
      onClick={onChoose}
    >
      {children}
    </Menu.Item>
  );
}
