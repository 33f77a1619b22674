import { ActionIcon, Menu, ScrollArea } from "@mantine/core";
import { IconDots, IconPencil, IconTrash, IconUsers } from "@tabler/icons-react";
import type { Filter } from "../../api/types.ts";
import { known, type MessageKey, t } from "../../i18n/i18n.tsx";
import classes from "./FilterTabs.module.css";

/** A filter's name: the fixed ones are named by the console. */
export function filterName(filter: Filter): string {
  const key = `customers.filter_${filter.id}`;
  return filter.fixed && known(key) ? t(key as MessageKey) : filter.name;
}

type TabsProps = {
  filters: Filter[];
  active: string;
  changed: boolean;
  onChoose: (id: string) => void;
  onRename: (filter: Filter) => void;
  onUpdate: (filter: Filter) => void;
  onDelete: (filter: Filter) => void;
};

/** The filters as tabs: fixed ones, then one's own and the shared ones. */
export function FilterTabs({ filters, active, changed, onChoose, onRename, onUpdate, onDelete }: TabsProps) {
  return (
    <ScrollArea type="never" className={classes.scroll}>
      <div className={classes.tabs} role="tablist" aria-label={t("customers.filters")}>
        {filters.map((filter) => {
          const chosen = filter.id === active;
          return (
            <div key={filter.id} className={classes.slot}>
              <button
                type="button"
                role="tab"
                aria-selected={chosen}
                className={classes.tab}
                onClick={() => onChoose(filter.id)}
              >
                {!filter.fixed && filter.shared_with.length > 0 && (
                  <IconUsers size={14} stroke={1.75} aria-hidden />
                )}
                <bdi>{filterName(filter)}</bdi>
                {chosen && changed && <span className={classes.dot} title={t("customers.filter_changed")} />}
              </button>
              {chosen && filter.own && (
                <Menu position="bottom-start" width={200}>
                  <Menu.Target>
                    <ActionIcon size={24} aria-label={t("customers.filter_menu", { name: filter.name })}>
                      <IconDots size={16} stroke={1.75} />
                    </ActionIcon>
                  </Menu.Target>
                  <Menu.Dropdown>
                    {changed && (
                      <Menu.Item onClick={() => onUpdate(filter)}>{t("customers.filter_update")}</Menu.Item>
                    )}
                    <Menu.Item
                      leftSection={<IconPencil size={16} stroke={1.75} />}
                      onClick={() => onRename(filter)}
                    >
                      {t("common.edit")}
                    </Menu.Item>
                    <Menu.Item
                      leftSection={<IconTrash size={16} stroke={1.75} />}
                      onClick={() => onDelete(filter)}
                    >
                      {t("common.delete")}
                    </Menu.Item>
                  </Menu.Dropdown>
                </Menu>
              )}
            </div>
          );
        })}
      </div>
    </ScrollArea>
  );
}
