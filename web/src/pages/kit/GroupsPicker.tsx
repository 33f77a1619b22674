/** Choosing groups by their path; where allowed, a group that is missing is created on the spot. */

import { MultiSelect } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api } from "@/api/client.ts";
import { keys } from "@/api/queryClient.ts";
import type { Group, Id } from "@/api/types.ts";
import { useCan } from "@/app/session.tsx";
import { t } from "@/i18n/i18n.tsx";
import { done, failed } from "@/ui/toasts.tsx";
import { groupOptions, useGroupTree } from "./data.ts";

type Props = {
  label: ReactNode;
  description?: ReactNode;
  placeholder?: string;
  value: Id[];
  onChange: (groups: Id[]) => void;
  creatable?: boolean;
  error?: ReactNode;
  disabled?: boolean;
};

const NEW = "+new";

export function GroupsPicker({
  label,
  description,
  placeholder,
  value,
  onChange,
  creatable,
  error,
  disabled,
}: Props) {
  const { tree: groups } = useGroupTree();
  const mayCreate = useCan()("groups.edit") && creatable;
  const queries = useQueryClient();
  const [typed, setTyped] = useState("");
  const name = typed.trim();
  const isNew =
    mayCreate && name !== "" && !groups.some((group) => group.name.toLowerCase() === name.toLowerCase());

  async function choose(chosen: Id[]) {
    if (!chosen.includes(NEW)) return onChange(chosen);
    try {
      const { data } = await api.post<Group>("/groups", { name });
      await queries.invalidateQueries({ queryKey: keys.groups });
      setTyped("");
      onChange([...value, data.id]);
      done(t("groups.created", { name: data.name }));
    } catch (problem) {
      failed(problem);
    }
  }

  const options = groupOptions(groups);
  return (
    <MultiSelect
      label={label}
      description={description}
      placeholder={value.length ? undefined : (placeholder ?? t("common.choose_groups"))}
      data={isNew ? [...options, { value: NEW, label: t("groups.create_named", { name }) }] : options}
      value={value}
      onChange={(chosen) => void choose(chosen)}
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options: shown, search }) => {
        const wanted = search.trim().toLowerCase();
        return shown.filter(
          (one) => "value" in one && (one.value === NEW || one.label.toLowerCase().includes(wanted)),
        );
      }}
      searchable
      hidePickedOptions
      error={error}
      disabled={disabled}
      nothingFoundMessage={t("common.no_groups_found")}
    />
  );
}
