/** All messages with their delivery, the inbox of numbers that belong to nobody yet, and sendings as they went. */
import { Button, SegmentedControl, Select } from "@mantine/core";
import { IconInbox, IconMessages, IconPencil } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { keys } from "@/api/queryClient.ts";
import type { MessageState } from "@/api/types.ts";
import { useCan } from "@/app/session.tsx";
import { t } from "@/i18n/i18n.tsx";
import { Page } from "@/ui/Page.tsx";
import { Empty, Failure, Lines } from "@/ui/states.tsx";
import { usePages } from "../kit/data.ts";
import kit from "../kit/kit.module.css";
import { More } from "../kit/More.tsx";
import type { SentMessage } from "./api.ts";
import { MessageList } from "./MessageList.tsx";

const STATES: MessageState[] = [
  "queued",
  "sending",
  "sent",
  "delivered",
  "failed",
  "undeliverable",
  "unknown",
  "received",
];
type View = "all" | "outgoing" | "incoming" | "unmatched";
const VIEWS: View[] = ["all", "outgoing", "incoming", "unmatched"];

export default function MessagesPage() {
  const can = useCan();
  const [view, setView] = useState<View>("all");
  const [state, setState] = useState<MessageState | null>(null);
  const direction = view === "outgoing" || view === "incoming" ? view : null;
  const params = { direction, state, unmatched: view === "unmatched" ? true : null, limit: 50 };
  const messages = usePages<SentMessage>([...keys.messages, "list"], "/messages", params);
  return (
    <Page
      title={t("messages.title")}
      actions={
        <>
          <Button variant="default" renderRoot={(props) => <Link to="/templates" {...props} />}>
            {t("messages.templates")}
          </Button>
          {can("messages.send") ? (
            <Button
              leftSection={<IconPencil size={16} stroke={1.75} />}
              renderRoot={(props) => <Link to="/messages/compose" {...props} />}
            >
              {t("messages.compose")}
            </Button>
          ) : null}
        </>
      }
    >
      <div className={kit.toolbar}>
        <SegmentedControl
          aria-label={t("messages.view")}
          data={VIEWS.map((value) => ({ value, label: t(`messages.view.${value}`) }))}
          value={view}
          onChange={(value) => setView(value as View)}
        />
        <Select
          aria-label={t("messages.state")}
          placeholder={t("messages.any_state")}
          data={STATES.map((value) => ({ value, label: t(`messages.state.${value}`) }))}
          value={state}
          onChange={(value) => setState(value as MessageState | null)}
          clearable
          w={190}
        />
      </div>
      {messages.isPending ? <Lines count={8} /> : null}
      {messages.isError ? <Failure error={messages.error} retry={() => void messages.refetch()} /> : null}
      {messages.isSuccess && messages.items.length === 0 ? (
        <Nothing view={view} filtered={state !== null} />
      ) : null}
      {messages.items.length > 0 ? (
        <MessageList messages={messages.items} unmatched={view === "unmatched"} />
      ) : null}
      <More pages={messages} />
    </Page>
  );
}

function Nothing({ view, filtered }: { view: View; filtered: boolean }) {
  const can = useCan();
  if (filtered)
    return (
      <Empty
        icon={IconMessages}
        title={t("messages.none_filtered")}
        text={t("messages.none_filtered_text")}
      />
    );
  if (view === "unmatched") {
    return (
      <Empty icon={IconInbox} title={t("messages.no_unmatched")} text={t("messages.no_unmatched_text")} />
    );
  }
  return (
    <Empty icon={IconMessages} title={t("messages.none")} text={t("messages.none_text")}>
      {can("messages.send") ? (
        <Button renderRoot={(props) => <Link to="/messages/compose" {...props} />}>
          {t("messages.compose")}
        </Button>
      ) : null}
    </Empty>
  );
}
