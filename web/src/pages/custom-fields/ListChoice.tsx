/** The list of a list field: one that is there, with its options, or a new one made on the spot. */
import { Button, Select, TagsInput, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "@/api/client.ts";
import { useLists } from "@/api/queries.ts";
import { t } from "@/i18n/i18n.tsx";
import { failed } from "@/ui/toasts.tsx";
import kit from "../kit/kit.module.css";
import { reload } from "./actions.ts";
import css from "./fields.module.css";

export type ListDraft = { name: string; items: string[] };

type Props = {
  list: string | null;
  onList: (list: string | null) => void;
  draft: ListDraft | null;
  onDraft: (draft: ListDraft | null) => void;
};

export function ListChoice({ list, onList, draft, onDraft }: Props) {
  const { data: lists = [] } = useLists();
  const chosen = lists.find((one) => one.name === list);
  if (draft || lists.length === 0)
    return <NewList draft={draft ?? { name: "", items: [] }} onDraft={onDraft} first={lists.length === 0} />;
  return (
    <div className={css.listBox}>
      <Select
        label={t("fields.list")}
        placeholder={t("fields.choose_list")}
        data={lists.map((one) => one.name)}
        value={list}
        searchable
        onChange={onList}
      />
      {chosen ? (
        <>
          <p className={kit.meta}>
            {chosen.items.map((item, place) => (
              <span key={item.id}>
                {place > 0 ? " · " : ""}
                <bdi>{item.label}</bdi>
              </span>
            ))}
          </p>
          <NewOption list={chosen.name} />
        </>
      ) : null}
      <div>
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconPlus size={14} stroke={2} />}
          onClick={() => onDraft({ name: "", items: [] })}
        >
          {t("fields.new_list")}
        </Button>
      </div>
    </div>
  );
}

function NewList({
  draft,
  onDraft,
  first,
}: {
  draft: ListDraft;
  onDraft: (draft: ListDraft | null) => void;
  first: boolean;
}) {
  return (
    <div className={css.listBox}>
      <TextInput
        label={t("fields.list_name")}
        placeholder={t("fields.list_name_example")}
        dir="auto"
        maxLength={200}
        value={draft.name}
        onChange={(event) => onDraft({ ...draft, name: event.currentTarget.value })}
      />
      <TagsInput
        label={t("fields.options")}
        placeholder={t("fields.options_hint")}
        value={draft.items}
        splitChars={[",", "،", ";", "\n"]}
        onChange={(items) => onDraft({ ...draft, items })}
      />
      {first ? null : (
        <div>
          <Button size="compact-sm" variant="subtle" onClick={() => onDraft(null)}>
            {t("fields.use_existing_list")}
          </Button>
        </div>
      )}
    </div>
  );
}

function NewOption({ list }: { list: string }) {
  const [label, setLabel] = useState("");
  async function add() {
    if (!label.trim()) return;
    try {
      await api.post(`/lists/${encodeURIComponent(list)}/items`, { label: label.trim() });
      setLabel("");
      await reload();
    } catch (problem) {
      failed(problem);
    }
  }
  return (
    <div className={kit.row}>
      <TextInput
        className={kit.grow}
        size="xs"
        aria-label={t("fields.add_option")}
        placeholder={t("fields.add_option")}
        dir="auto"
        maxLength={200}
        value={label}
        onChange={(event) => setLabel(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          void add();
        }}
      />
      <Button size="xs" variant="default" disabled={!label.trim()} onClick={() => void add()}>
        {t("common.add")}
      </Button>
    </div>
  );
}
