/** What somebody may do with the customers of which groups; a group stands for everything below it too. */
import { ActionIcon, Checkbox, Select } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { GroupAccess as Access, Id } from "@/api/types.ts";
import { t } from "@/i18n/i18n.tsx";
import { groupOptions, useGroupTree } from "../kit/data.ts";
import kit from "../kit/kit.module.css";
import css from "./users.module.css";

type Props = { value: Access[]; onChange: (access: Access[]) => void; disabled?: boolean };
const RIGHTS = ["view", "edit", "remove"] as const;

export function GroupAccess({ value, onChange, disabled }: Props) {
  const { tree } = useGroupTree();
  const given = new Set(value.map((one) => one.group_id));
  const nameOf = (id: Id) => tree.find((group) => group.id === id)?.path ?? id;
  const set = (id: Id, right: (typeof RIGHTS)[number], on: boolean) =>
    onChange(value.map((one) => (one.group_id === id ? implied({ ...one, [right]: on }, right, on) : one)));
  return (
    <div className={kit.form}>
      {value.length > 0 ? (
        <table className={css.access}>
          <thead>
            <tr>
              <th scope="col">{t("users.group")}</th>
              {RIGHTS.map((right) => (
                <th key={right} scope="col">
                  {t(`users.right.${right}`)}
                </th>
              ))}
              <th scope="col">
                <span className="visually-hidden">{t("common.remove")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {value.map((one) => (
              <tr key={one.group_id}>
                <th scope="row">
                  <bdi>{nameOf(one.group_id)}</bdi>
                </th>
                {RIGHTS.map((right) => (
                  <td key={right}>
                    <Checkbox
                      aria-label={t("users.right_on", {
                        right: t(`users.right.${right}`),
                        group: nameOf(one.group_id),
                      })}
                      checked={one[right]}
                      disabled={disabled}
                      onChange={(event) => set(one.group_id, right, event.currentTarget.checked)}
                    />
                  </td>
                ))}
                <td>
                  <ActionIcon
                    aria-label={t("users.take_group", { group: nameOf(one.group_id) })}
                    disabled={disabled}
                    onClick={() => onChange(value.filter((other) => other.group_id !== one.group_id))}
                  >
                    <IconX size={16} stroke={1.75} />
                  </ActionIcon>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
      <Select
        aria-label={t("users.add_group")}
        placeholder={t("users.add_group")}
        data={groupOptions(tree).filter((option) => !given.has(option.value))}
        value={null}
        searchable
        disabled={disabled}
        nothingFoundMessage={t("common.no_groups_found")}
        onChange={(id) => id && onChange([...value, { group_id: id, view: true, edit: true, remove: false }])}
      />
    </div>
  );
}

/** Editing and removing imply viewing; without viewing there is neither. */
function implied(access: Access, right: (typeof RIGHTS)[number], on: boolean): Access {
  if (right !== "view" && on) return { ...access, view: true };
  if (right === "view" && !on) return { ...access, edit: false, remove: false };
  return access;
}
