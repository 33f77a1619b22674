/** Joining a tag into another: its entries carry the other one from then on, and it is gone. */
import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client.ts";
import { keys } from "@/api/queryClient.ts";
import type { Page, Tag } from "@/api/types.ts";
import { t } from "@/i18n/i18n.tsx";
import { Confirm } from "@/ui/dialogs.tsx";
import { failed } from "@/ui/toasts.tsx";
import kit from "../kit/kit.module.css";
import { replaceTag } from "./actions.ts";

export function ReplaceDialog({ tag, onClose }: { tag: Tag; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [q] = useDebouncedValue(typed.trim(), 120);
  const [chosen, setChosen] = useState<Tag | null>(null);
  const [busy, setBusy] = useState(false);
  const found = useQuery({
    queryKey: [...keys.tags, "pick", q],
    queryFn: async ({ signal }) =>
      (await api.get<Page<Tag>>("/tags", { params: { q, limit: 30 }, signal })).data.items,
    placeholderData: (before) => before,
  });
  const options = (found.data ?? []).filter((one) => one.id !== tag.id);
  const listed = chosen && !options.some((one) => one.id === chosen.id) ? [chosen, ...options] : options;

  async function replace() {
    if (!chosen) return;
    setBusy(true);
    try {
      await replaceTag(tag, chosen);
      onClose();
    } catch (problem) {
      failed(problem);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Confirm
      opened
      title={t("tags.replace_title", { name: tag.name })}
      confirm={chosen ? t("tags.replace_by", { by: chosen.name }) : t("tags.replace")}
      busy={busy}
      onConfirm={() => void replace()}
      onClose={onClose}
    >
      <div className={kit.form}>
        <p>{t("tags.replace_text", { name: tag.name, count: tag.count ?? 0 })}</p>
        <Select
          label={t("tags.replacement")}
          placeholder={t("tags.find")}
          data={listed.map((one) => ({ value: one.id, label: one.name }))}
          value={chosen?.id ?? null}
          onChange={(id) => setChosen(listed.find((one) => one.id === id) ?? null)}
          onSearchChange={setTyped}
          filter={({ options: all }) => all}
          searchable
          nothingFoundMessage={t("tags.none_found")}
        />
      </div>
    </Confirm>
  );
}
