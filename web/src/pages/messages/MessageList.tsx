/** Messages as rows; one opens with its full text, what became of it, and the number's consent. */
import { Button, Drawer, UnstyledButton } from "@mantine/core";
import { IconArrowDownLeft, IconArrowUpRight, IconUserPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "@/api/client.ts";
import { keys } from "@/api/queryClient.ts";
import type { MessageState } from "@/api/types.ts";
import { useCan } from "@/app/session.tsx";
import { ago, dateTime } from "@/i18n/format.ts";
import { known, t } from "@/i18n/i18n.tsx";
import { Badge, type Tone } from "@/ui/Badge.tsx";
import { Notice } from "@/ui/states.tsx";
import { Ltr } from "@/ui/text.tsx";
import { done, failed } from "@/ui/toasts.tsx";
import kit from "../kit/kit.module.css";
import { CustomerName, UserName } from "../kit/names.tsx";
import type { SentMessage } from "./api.ts";
import { ConsentPart } from "./Consent.tsx";
import css from "./messages.module.css";

const TONES: Record<MessageState, Tone> = {
  queued: "plain",
  sending: "info",
  sent: "accent",
  delivered: "ok",
  failed: "error",
  undeliverable: "error",
  unknown: "warn",
  received: "info",
};

export function MessageBadge({ state }: { state: MessageState }) {
  return <Badge tone={TONES[state]}>{t(`messages.state.${state}`)}</Badge>;
}

/** Why a message did not arrive, in words when it is one of the known reasons. */
export function reasonText(reason: string): string {
  const key = `messages.reason.${reason}`;
  return known(key) ? t(key) : reason;
}

export function MessageList({ messages, unmatched }: { messages: SentMessage[]; unmatched?: boolean }) {
  const [open, setOpen] = useState<SentMessage | null>(null);
  const shown = open ? (messages.find((one) => one.id === open.id) ?? open) : null;
  return (
    <>
      <ul className={kit.list}>
        {messages.map((message) => (
          <li key={message.id}>
            <UnstyledButton className={css.message} onClick={() => setOpen(message)}>
              <Direction message={message} />
              <span className={css.messageWho}>
                {message.customer_id ? (
                  <CustomerName id={message.customer_id} plain />
                ) : (
                  <Ltr>{message.address}</Ltr>
                )}
              </span>
              <span className={css.messageBody} dir="auto">
                {message.body}
              </span>
              <span className={css.messageState}>
                <MessageBadge state={message.state} />
              </span>
              <time className={css.messageAt} dateTime={message.at} title={dateTime(message.at)}>
                {ago(message.at)}
              </time>
            </UnstyledButton>
          </li>
        ))}
      </ul>
      <Drawer
        opened={shown !== null}
        onClose={() => setOpen(null)}
        position="right"
        title={t("messages.one")}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {shown ? <OneMessage message={shown} unmatched={unmatched} /> : null}
      </Drawer>
    </>
  );
}

function Direction({ message }: { message: SentMessage }) {
  const incoming = message.direction === "incoming";
  const Arrow = incoming ? IconArrowDownLeft : IconArrowUpRight;
  return (
    <span className={css.direction} data-in={incoming || undefined}>
      <Arrow
        size={16}
        stroke={1.75}
        className="mirror"
        aria-label={t(`messages.view.${message.direction}`)}
      />
    </span>
  );
}

function OneMessage({ message, unmatched }: { message: SentMessage; unmatched?: boolean }) {
  const can = useCan();
  return (
    <div className={kit.stack}>
      <div className={css.bubbleLine} data-side={message.direction === "incoming" ? "in" : "out"}>
        <div className={css.bubble} dir="auto">
          {message.body}
        </div>
      </div>
      <dl className={css.facts}>
        <dt>{t("messages.fact.customer")}</dt>
        <dd>{message.customer_id ? <CustomerName id={message.customer_id} /> : t("messages.nobody")}</dd>
        <dt>{t("messages.fact.number")}</dt>
        <dd>
          <Ltr>{message.address}</Ltr>
        </dd>
        <dt>{t("messages.fact.state")}</dt>
        <dd>
          <MessageBadge state={message.state} />
        </dd>
        {message.reason ? (
          <>
            <dt>{t("messages.fact.reason")}</dt>
            <dd>
              <bdi>{reasonText(message.reason)}</bdi>
            </dd>
          </>
        ) : null}
        <dt>{t("messages.fact.at")}</dt>
        <dd>{dateTime(message.at)}</dd>
        {message.by ? (
          <>
            <dt>{t("messages.fact.by")}</dt>
            <dd>
              <UserName id={message.by} />
            </dd>
          </>
        ) : null}
      </dl>
      {message.state === "unknown" && can("messages.send") ? <Decide message={message} /> : null}
      {(unmatched || !message.customer_id) && can("customers.create") ? (
        <Button
          leftSection={<IconUserPlus size={16} stroke={1.75} />}
          renderRoot={(props) => (
            <Link to="/customers/new" search={{ mobile: message.address } as never} {...props} />
          )}
        >
          {t("messages.create_customer")}
        </Button>
      ) : null}
      <ConsentPart address={message.address} />
    </div>
  );
}

/** Nobody knows whether it arrived: a person decides, so that it is never sent twice. */
function Decide({ message }: { message: SentMessage }) {
  const queries = useQueryClient();
  async function decide(state: "sent" | "failed" | "queued") {
    try {
      await api.post(`/messages/${message.id}:resolve`, { state });
      done(t("messages.decided"));
    } catch (problem) {
      failed(problem);
    }
    await queries.invalidateQueries({ queryKey: keys.messages });
  }
  return (
    <div className={kit.stack}>
      <Notice tone="warn">{t("messages.unknown_hint")}</Notice>
      <div className={kit.row}>
        {(["sent", "failed", "queued"] as const).map((state) => (
          <Button key={state} variant="default" onClick={() => void decide(state)}>
            {t(`messages.decide.${state}`)}
          </Button>
        ))}
      </div>
    </div>
  );
}
