/** One entry of a timeline: what, who, when; its text and tags; how far a message got; a description by people. */
import { ActionIcon, Button, Menu, Textarea } from "@mantine/core";
import { IconDots, IconPencil, IconTextPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { memo, useState } from "react";
import { api } from "../api/client.ts";
import { keys } from "../api/queryClient.ts";
import type { Entry, Id } from "../api/types.ts";
import { useCan } from "../app/session.tsx";
import { dateTime, time } from "../i18n/format.ts";
import { t } from "../i18n/i18n.tsx";
import { Confirm } from "../ui/dialogs.tsx";
import { U } from "../ui/text.tsx";
import { done, failed } from "../ui/toasts.tsx";
import { Composer } from "./Composer.tsx";
import { DeliveryBadge } from "./Delivery.tsx";
import classes from "./EntryView.module.css";
import { pictureOf } from "./kinds.ts";
import { TagLine } from "./TagLine.tsx";
import { EntryTitle } from "./title.tsx";

type Props = { entry: Entry; customerId: Id; onTag: (tag: { id: Id; name: string }) => void };

export const EntryView = memo(function EntryView({ entry, customerId, onTag }: Props) {
  const [mode, setMode] = useState<"read" | "edit" | "describe">("read");
  const Picture = pictureOf(entry.kind);
  const byHand = !entry.system;
  if (mode === "edit") {
    return (
      <li className={classes.entry}>
        <span className={classes.dot}>
          <Picture size={16} stroke={1.75} />
        </span>
        <Composer
          customerIds={[customerId]}
          entry={entry}
          autoFocus
          onSaved={() => setMode("read")}
          onCancel={() => setMode("read")}
        />
      </li>
    );
  }
  return (
    <li className={classes.entry} data-kind={entry.kind}>
      <span className={classes.dot}>
        <Picture size={16} stroke={1.75} />
      </span>
      <article className={classes.body}>
        <header className={classes.head}>
          <span className={classes.title}>
            <EntryTitle entry={entry} />
          </span>
          <Meta entry={entry} />
          <EntryMenu
            entry={entry}
            customerId={customerId}
            onEdit={() => setMode("edit")}
            onDescribe={() => setMode("describe")}
          />
        </header>
        {entry.actions.map((action) => (
          <div
            key={`${action.text}${action.tags.map(({ id }) => id)}`}
            className={byHand ? classes.note : classes.bubble}
          >
            {action.text && (
              <p dir="auto" className={classes.text}>
                {action.text}
              </p>
            )}
            {action.tags.length > 0 && <TagLine tags={action.tags} onTag={onTag} />}
          </div>
        ))}
        {entry.delivery && <DeliveryBadge delivery={entry.delivery} />}
        {mode === "describe" ? (
          <Describe entry={entry} customerId={customerId} onDone={() => setMode("read")} />
        ) : (
          entry.description && (
            <p dir="auto" className={classes.description}>
              {entry.description}
            </p>
          )
        )}
      </article>
    </li>
  );
});

function Meta({ entry }: { entry: Entry }) {
  const link = entry.link?.type === "import" ? entry.link.url : null;
  return (
    <span className={classes.meta}>
      {entry.recorded_by_name && <U>{entry.recorded_by_name}</U>}
      {link && <Link to={link.replace(/^\/imports\//, "/import/")}>{t("timeline.open_import")}</Link>}
      <time dateTime={entry.occurred_at} title={dateTime(entry.occurred_at)}>
        {time(entry.occurred_at)}
      </time>
    </span>
  );
}

type MenuProps = { entry: Entry; customerId: Id; onEdit: () => void; onDescribe: () => void };

function EntryMenu({ entry, customerId, onEdit, onDescribe }: MenuProps) {
  const can = useCan();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const mayEdit = !entry.system && can("entries.edit");
  const mayDelete = !entry.system && can("entries.delete");
  const mayDescribe = can("entries.describe");
  const remove = useMutation({
    mutationFn: () => api.delete(`/log-entries/${entry.id}`, { version: entry.version }),
    onSuccess: () => {
      setAsking(false);
      done(t("timeline.deleted"));
      return client.invalidateQueries({ queryKey: keys.timeline(customerId) });
    },
    onError: failed,
  });
  if (!mayEdit && !mayDelete && !mayDescribe) return null;
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon size={24} className={classes.more} aria-label={t("timeline.entry_menu")}>
            <IconDots size={16} stroke={1.75} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {mayEdit && (
            <Menu.Item leftSection={<IconPencil size={16} stroke={1.75} />} onClick={onEdit}>
              {t("common.edit")}
            </Menu.Item>
          )}
          {mayDescribe && (
            <Menu.Item leftSection={<IconTextPlus size={16} stroke={1.75} />} onClick={onDescribe}>
              {t(entry.description ? "timeline.edit_description" : "timeline.add_description")}
            </Menu.Item>
          )}
          {mayDelete && (
            <Menu.Item leftSection={<IconTrash size={16} stroke={1.75} />} onClick={() => setAsking(true)}>
              {t("common.delete")}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={asking}
        title={t("timeline.delete_title")}
        confirm={t("common.delete")}
        danger
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={() => setAsking(false)}
      >
        {t(
          entry.customer_ids.length > 1 || entry.more_customers
            ? "timeline.delete_many"
            : "timeline.delete_text",
        )}
      </Confirm>
    </>
  );
}

function Describe({ entry, customerId, onDone }: { entry: Entry; customerId: Id; onDone: () => void }) {
  const client = useQueryClient();
  const [text, setText] = useState(entry.description ?? "");
  const save = useMutation({
    mutationFn: () =>
      api.put(`/log-entries/${entry.id}/description`, { text: text.trim() }, { version: entry.version }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.timeline(customerId) });
      onDone();
    },
    onError: failed,
  });
  return (
    <div className={classes.describe}>
      <Textarea
        autosize
        autoFocus
        minRows={2}
        dir="auto"
        value={text}
        aria-label={t("timeline.description")}
        placeholder={t("timeline.description")}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save.mutate();
          if (event.key === "Escape") onDone();
        }}
      />
      <div className={classes.buttons}>
        <Button size="xs" variant="default" onClick={onDone}>
          {t("common.cancel")}
        </Button>
        <Button size="xs" loading={save.isPending} onClick={() => save.mutate()}>
          {t("common.save")}
        </Button>
      </div>
    </div>
  );
}
