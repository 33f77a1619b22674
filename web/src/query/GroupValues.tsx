/** Groups to tick, indented as the tree is, with or without what is below them. */
import { Checkbox, Switch } from "@mantine/core";
import { useState } from "react";
import { useGroups } from "../api/queries.ts";
import type { Group, GroupValue } from "../api/types.ts";
import { number } from "../i18n/format.ts";
import { t } from "../i18n/i18n.tsx";
import classes from "./QueryBar.module.css";
import type { ValueProps } from "./ValueEditor.tsx";

/** How deep each group of a depth-first list stands. */
export function depths(groups: Group[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { id, parent_id } of groups) found.set(id, parent_id ? (found.get(parent_id) ?? -1) + 1 : 0);
  return found;
}

export function GroupValues({ value, onChange }: ValueProps) {
  const groups = useGroups().data ?? [];
  const [typed, setTyped] = useState("");
  const chosen = (Array.isArray(value) ? value : value ? [value] : []) as (GroupValue | string)[];
  const ids = chosen.map((one) => (typeof one === "string" ? one : one.id));
  const [deep, setDeep] = useState(chosen.every((one) => typeof one !== "string" && one.subgroups));
  const depth = depths(groups);
  const set = (next: string[], subgroups: boolean) => onChange(next.map((id) => ({ id, subgroups })));
  const toggle = (id: string) => set(ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id], deep);
  const shown = groups.filter(({ name }) =>
    name.toLocaleLowerCase().includes(typed.trim().toLocaleLowerCase()),
  );
  return (
    <div>
      {groups.length > 8 && (
        <input
          data-autofocus
          className={classes.find}
          dir="auto"
          value={typed}
          placeholder={t("common.search_groups")}
          aria-label={t("common.search_groups")}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
      <div className={classes.options}>
        {shown.map(({ id, name, count }) => (
          <div key={id} className={classes.option} style={{ paddingInlineStart: (depth.get(id) ?? 0) * 18 }}>
            <Checkbox checked={ids.includes(id)} onChange={() => toggle(id)} label={<bdi>{name}</bdi>} />
            <span className={classes.count}>{number(count)}</span>
          </div>
        ))}
      </div>
      <Switch
        mt="sm"
        checked={deep}
        label={t("query.subgroups")}
        onChange={(event) => {
          setDeep(event.currentTarget.checked);
          if (ids.length) set(ids, event.currentTarget.checked);
        }}
      />
    </div>
  );
}
