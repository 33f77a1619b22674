/** What the list is sorted by, which way, and every other field that it can be sorted by, whether or not its column is shown. */
import { Button, Menu } from "@mantine/core";
import { IconSortAscending, IconSortDescending } from "@tabler/icons-react";
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
        <Menu.RadioGroup
          value={direction}
          onChange={(chosen) => onSort({ field, direction: chosen as Direction })}
        >
          {(["asc", "desc"] satisfies Direction[]).map((one) => (
            <Menu.RadioItem key={one} value={one} closeMenuOnClick>
              {directionLabel({ field, direction: one })}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Label>{t("customers.sort_by")}</Menu.Label>
        <Menu.RadioGroup
          value={field}
          onChange={(chosen) => onSort({ field: chosen, direction: firstDirection(chosen) })}
        >
          {SORT_FIELDS.map((one) => (
            <Menu.RadioItem key={one} value={one} data-field={one} closeMenuOnClick>
              {sortLabel(one)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
