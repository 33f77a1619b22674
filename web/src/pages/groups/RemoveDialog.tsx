/** Removing a group: an empty one at once, any other once it is said who takes over its customers and subgroups. */
import { Select } from "@mantine/core";
import { useState } from "react";
import { explain } from "@/api/explain.ts";
import type { Group, Id } from "@/api/types.ts";
import { t } from "@/i18n/i18n.tsx";
import { Confirm } from "@/ui/dialogs.tsx";
import { Notice } from "@/ui/states.tsx";
import { type GroupNode, groupOptions } from "../kit/data.ts";
import kit from "../kit/kit.module.css";
import { removeGroup } from "./actions.ts";
import { children, subtree } from "./outline.ts";

type Props = { group: Group; tree: GroupNode[]; onClose: () => void };

export function RemoveDialog({ group, tree, onClose }: Props) {
  const [replacement, setReplacement] = useState<Id | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const below = children(tree, group.id).length;
  const needs = group.count > 0 || below > 0;
  const own = subtree(tree, group.id);
  const others = tree.filter((one) => !own.has(one.id));

  async function remove() {
    setBusy(true);
    try {
      await removeGroup(tree, group, replacement);
      onClose();
    } catch (problem) {
      setRefused(problem);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Confirm
      opened
      title={t("groups.remove_title", { name: group.name })}
      confirm={t("common.remove")}
      danger
      busy={busy}
      onConfirm={() => (!needs || replacement ? void remove() : setRefused(new Error("replacement")))}
      onClose={onClose}
    >
      <div className={kit.form}>
        <p>{needs ? t("groups.remove_used", { count: group.count, below }) : t("groups.remove_unused")}</p>
        {needs || refused ? (
          <Select
            label={t("groups.replacement")}
            placeholder={t("common.choose_group")}
            data={groupOptions(others)}
            value={replacement}
            onChange={setReplacement}
            searchable
            nothingFoundMessage={t("common.no_groups_found")}
          />
        ) : null}
        {refused ? (
          <Notice>{needs && !replacement ? t("groups.replacement_needed") : explain(refused)}</Notice>
        ) : null}
      </div>
    </Confirm>
  );
}
