/** Writing a log entry: one or several actions, each with its text and tags; now, or when it happened. Ctrl-Enter saves. */
import { ActionIcon, Button, Textarea } from "@mantine/core";
import { IconClock, IconPlus, IconX } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useState } from "react";
import { api, newIdempotencyKey } from "../api/client.ts";
import { explain } from "../api/explain.ts";
import { keys } from "../api/queryClient.ts";
import type { Entry, Id } from "../api/types.ts";
import { t } from "../i18n/i18n.tsx";
import { Notice } from "../ui/states.tsx";
import { Key } from "../ui/text.tsx";
import classes from "./Composer.module.css";
import { BLANK, type Draft, says, useDraft } from "./draft.ts";
import { TagPicker } from "./TagPicker.tsx";
import { WhenInput } from "./WhenInput.tsx";

type Props = {
  customerIds: Id[];
  /** The entry that is changed; without one, a new one is written. */
  entry?: Entry;
  autoFocus?: boolean;
  onSaved?: () => void;
  onCancel?: () => void;
};

function draftOf(entry: Entry): Draft {
  const actions = entry.actions.map(({ text, tags }) => ({ text, tags: tags.map(({ name }) => name) }));
  return { actions, occurred_at: entry.occurred_at };
}

function useSave({ customerIds, entry, onSaved }: Props, reset: () => void) {
  const client = useQueryClient();
  const [key, setKey] = useState(newIdempotencyKey);
  return useMutation({
    mutationFn: ({ actions, occurred_at }: Draft) => {
      const said = actions.filter(({ text, tags }) => text.trim() || tags.length);
      const body = { actions: said, occurred_at: occurred_at ?? undefined };
      if (entry) return api.patch<Entry>(`/log-entries/${entry.id}`, body, { version: entry.version });
      return api.post<Entry>("/log-entries", { customer_ids: customerIds, ...body }, { idempotencyKey: key });
    },
    onSuccess: async () => {
      setKey(newIdempotencyKey());
      reset();
      onSaved?.();
      await Promise.all(customerIds.map((id) => client.invalidateQueries({ queryKey: keys.timeline(id) })));
      await client.invalidateQueries({ queryKey: keys.tags });
    },
    onError: () => setKey(newIdempotencyKey()),
  });
}

export function Composer(props: Props) {
  const { customerIds, entry, autoFocus, onCancel } = props;
  const draftKey = entry || customerIds.length > 1 ? null : (customerIds[0] ?? null);
  const [draft, setDraft] = useDraft(draftKey, entry ? draftOf(entry) : BLANK);
  const save = useSave(props, () => setDraft(BLANK));
  const submit = () => says(draft) && !save.isPending && save.mutate(draft);
  const setAction = (index: number, change: Partial<Draft["actions"][number]>) =>
    setDraft({
      ...draft,
      actions: draft.actions.map((one, at) => (at === index ? { ...one, ...change } : one)),
    });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submit();
    }
    if (event.key === "Escape" && !event.defaultPrevented) {
      (document.activeElement as HTMLElement | null)?.blur();
      onCancel?.();
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Ctrl-Enter saves from any of the inputs
    <div className={classes.composer} onKeyDown={onKeyDown}>
      {draft.actions.map((action, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: actions have no identity but their place
        <div key={index} className={classes.action}>
          <div className={classes.line}>
            <Textarea
              id={index === 0 && !entry ? "composer" : undefined}
              data-autofocus={autoFocus && index === 0 ? true : undefined}
              autosize
              minRows={2}
              maxRows={12}
              dir="auto"
              variant="unstyled"
              className={classes.text}
              value={action.text}
              aria-label={t("timeline.entry_text")}
              placeholder={t(index === 0 ? "timeline.placeholder" : "timeline.placeholder_more")}
              onChange={(event) => setAction(index, { text: event.currentTarget.value })}
            />
            {draft.actions.length > 1 && (
              <ActionIcon
                aria-label={t("timeline.remove_action")}
                onClick={() => setDraft({ ...draft, actions: draft.actions.filter((_, at) => at !== index) })}
              >
                <IconX size={16} stroke={1.75} />
              </ActionIcon>
            )}
          </div>
          <TagPicker value={action.tags} onChange={(tags) => setAction(index, { tags })} onSubmit={submit} />
        </div>
      ))}
      {save.error && <Notice>{explain(save.error)}</Notice>}
      <div className={classes.foot}>
        <When draft={draft} onChange={setDraft} />
        <Button
          variant="subtle"
          color="gray"
          size="xs"
          leftSection={<IconPlus size={14} stroke={2} />}
          onClick={() => setDraft({ ...draft, actions: [...draft.actions, { text: "", tags: [] }] })}
        >
          {t("timeline.add_action")}
        </Button>
        <span className={classes.gap} />
        {onCancel && (
          <Button variant="default" size="xs" onClick={onCancel}>
            {t("common.cancel")}
          </Button>
        )}
        <Button size="xs" disabled={!says(draft)} loading={save.isPending} onClick={submit}>
          <span className={classes.save}>
            {t("common.save")} <Key>Ctrl ↵</Key>
          </span>
        </Button>
      </div>
    </div>
  );
}

/** When it happened: now unless said otherwise. */
function When({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  if (draft.occurred_at) {
    return <WhenInput value={draft.occurred_at} onChange={(at) => onChange({ ...draft, occurred_at: at })} />;
  }
  return (
    <Button
      variant="subtle"
      color="gray"
      size="xs"
      leftSection={<IconClock size={16} stroke={1.75} />}
      onClick={() => onChange({ ...draft, occurred_at: new Date().toISOString() })}
    >
      {t("timeline.now")}
    </Button>
  );
}
