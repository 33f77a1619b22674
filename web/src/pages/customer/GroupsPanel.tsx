/** The customer's groups; at least one always stays (C3). */
import { ActionIcon, Button, Combobox, Tooltip, useCombobox } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useGroups } from "../../api/queries.ts";
import type { Group, Id } from "../../api/types.ts";
import { t } from "../../i18n/i18n.tsx";
import { depths } from "../../query/GroupValues.tsx";
import { U } from "../../ui/text.tsx";
import classes from "./GroupsPanel.module.css";

type Props = {
  ids: Id[];
  editable: boolean;
  onAdd: (group: Group) => void;
  onRemove: (group: Group) => void;
};

export function GroupsPanel({ ids, editable, onAdd, onRemove }: Props) {
  const groups = useGroups().data ?? [];
  const mine = ids.flatMap((id) => groups.find((group) => group.id === id) ?? []);
  return (
    <div className={classes.groups}>
      {mine.map((group) => (
        <span key={group.id} className={classes.group}>
          <U>{group.name}</U>
          {editable && (
            <Tooltip label={t(mine.length > 1 ? "common.remove" : "customer.last_group")}>
              <ActionIcon
                size={22}
                aria-label={t("customer.remove_group", { name: group.name })}
                aria-disabled={mine.length === 1 || undefined}
                data-disabled={mine.length === 1 || undefined}
                onClick={() => mine.length > 1 && onRemove(group)}
              >
                <IconX size={12} stroke={1.75} />
              </ActionIcon>
            </Tooltip>
          )}
        </span>
      ))}
      {editable && <AddGroup groups={groups} taken={ids} onAdd={onAdd} />}
    </div>
  );
}

function AddGroup({ groups, taken, onAdd }: { groups: Group[]; taken: Id[]; onAdd: Props["onAdd"] }) {
  const [text, setText] = useState("");
  const box = useCombobox({
    onDropdownClose: () => {
      box.resetSelectedOption();
      setText("");
    },
    onDropdownOpen: () => box.focusSearchInput(),
  });
  const depth = depths(groups);
  const wanted = text.trim().toLocaleLowerCase();
  const shown = groups.filter(
    ({ id, name }) => !taken.includes(id) && name.toLocaleLowerCase().includes(wanted),
  );
  return (
    <Combobox
      store={box}
      width={260}
      position="bottom-start"
      onOptionSubmit={(id) => {
        const group = groups.find((one) => one.id === id);
        box.closeDropdown();
        if (group) onAdd(group);
      }}
    >
      <Combobox.Target targetType="button">
        <Button
          variant="subtle"
          color="gray"
          size="xs"
          leftSection={<IconPlus size={14} stroke={2} />}
          onClick={() => box.toggleDropdown()}
        >
          {t("customer.add_group")}
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={text}
          dir="auto"
          aria-label={t("common.search_groups")}
          placeholder={t("common.search_groups")}
          onChange={(event) => {
            setText(event.currentTarget.value);
            box.updateSelectedOptionIndex();
          }}
        />
        <Combobox.Options
          className={classes.options}
          aria-label={t("common.choose_group")}
          hidden={shown.length === 0}
        >
          {shown.map(({ id, name }) => (
            <Combobox.Option
              key={id}
              value={id}
              style={{ paddingInlineStart: 8 + (depth.get(id) ?? 0) * 16 }}
            >
              <U>{name}</U>
            </Combobox.Option>
          ))}
        </Combobox.Options>
        {shown.length === 0 && <Combobox.Empty>{t("common.no_groups_found")}</Combobox.Empty>}
      </Combobox.Dropdown>
    </Combobox>
  );
}
