/** The sandbox's phones: what was sent without a real provider arrives here, and can be answered. */
import { ActionIcon, Textarea } from "@mantine/core";
import { IconDeviceMobile, IconDeviceMobileMessage, IconSend } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { api, Problem } from "@/api/client.ts";
import { keys } from "@/api/queryClient.ts";
import type { PhoneMessage, PhoneOut } from "@/api/schema.gen.ts";
import type { Page as Pages } from "@/api/types.ts";
import { ago, time } from "@/i18n/format.ts";
import { t } from "@/i18n/i18n.tsx";
import { Page } from "@/ui/Page.tsx";
import { Empty, Failure, Lines } from "@/ui/states.tsx";
import { Ltr } from "@/ui/text.tsx";
import { failed } from "@/ui/toasts.tsx";
import kit from "../kit/kit.module.css";
import { Bubble, Phone } from "../messages/Phone.tsx";
import css from "./sandbox.module.css";

const phonesKey = [...keys.messages, "sandbox"] as const;

export default function SandboxPage() {
  const phones = useQuery({
    queryKey: [...phonesKey, "phones"],
    queryFn: async ({ signal }) =>
      (await api.get<Pages<PhoneOut>>("/sandbox/phones", { params: { limit: 100 }, signal })).data.items,
    refetchInterval: 5_000,
  });
  const [number, setNumber] = useState<string | null>(null);
  const newest = phones.data?.[0];
  // chosen once: the order moves with every message, under the hands of who writes an answer
  if (number === null && newest) setNumber(newest.number);
  const off = phones.error instanceof Problem && phones.error.status === 404;
  return (
    <Page title={t("sandbox.title")}>
      <p className={kit.lead}>{t("sandbox.lead")}</p>
      {phones.isPending ? <Lines count={5} /> : null}
      {off ? <Empty icon={IconDeviceMobile} title={t("sandbox.off")} text={t("sandbox.off_text")} /> : null}
      {phones.isError && !off ? <Failure error={phones.error} retry={() => void phones.refetch()} /> : null}
      {phones.data?.length === 0 ? (
        <Empty icon={IconDeviceMobileMessage} title={t("sandbox.none")} text={t("sandbox.none_text")}>
          <Link to="/messages/compose">{t("messages.compose")}</Link>
        </Empty>
      ) : null}
      {phones.data?.length && number ? (
        <div className={css.layout}>
          <ul className={`${kit.list} ${css.phones}`}>
            {phones.data.map((phone) => (
              <li key={phone.number}>
                <button
                  type="button"
                  className={css.line}
                  aria-current={phone.number === number || undefined}
                  onClick={() => setNumber(phone.number)}
                >
                  <span className={css.top}>
                    <Ltr className={kit.strong}>{phone.number}</Ltr>
                    <span className={kit.meta}>{ago(phone.last.at)}</span>
                  </span>
                  <span className={css.last} dir="auto">
                    {phone.last.body}
                  </span>
                </button>
              </li>
            ))}
          </ul>
          <Conversation key={number} number={number} />
        </div>
      ) : null}
    </Page>
  );
}

function Conversation({ number }: { number: string }) {
  const queries = useQueryClient();
  const path = `/sandbox/phones/${encodeURIComponent(number)}`;
  const messages = useQuery({
    queryKey: [...phonesKey, number],
    queryFn: async ({ signal }) =>
      (await api.get<Pages<PhoneMessage>>(`${path}/messages`, { params: { limit: 100 }, signal })).data.items,
    refetchInterval: 3_000,
  });
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const end = useRef<HTMLDivElement>(null);
  const newest = messages.data?.[0]?.id;
  useEffect(() => {
    if (newest) end.current?.scrollIntoView({ block: "nearest" });
  }, [newest]);

  async function reply(event?: FormEvent) {
    event?.preventDefault();
    if (!text.trim() || busy) return;
    setBusy(true);
    try {
      await api.post(`${path}:reply`, { text: text.trim() });
      setText("");
      await queries.invalidateQueries({ queryKey: phonesKey });
    } catch (problem) {
      failed(problem);
    } finally {
      setBusy(false);
    }
  }

  function key(event: KeyboardEvent) {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void reply();
  }

  return (
    <div className={css.conversation}>
      <Phone title={<Ltr>{number}</Ltr>}>
        {messages.isPending ? <Lines count={3} /> : null}
        {[...(messages.data ?? [])].reverse().map((one) => (
          <Bubble
            key={one.id}
            side={one.direction === "outgoing" ? "out" : "in"}
            note={
              one.direction === "outgoing"
                ? time(one.at)
                : `${time(one.at)} · ${t(`sandbox.state.${one.state}`)}`
            }
          >
            {one.body}
          </Bubble>
        ))}
        <div ref={end} />
      </Phone>
      <form className={css.reply} onSubmit={(event) => void reply(event)}>
        <Textarea
          className={kit.grow}
          aria-label={t("sandbox.reply")}
          placeholder={t("sandbox.reply_placeholder")}
          autosize
          minRows={1}
          maxRows={5}
          dir="auto"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={key}
        />
        <ActionIcon
          type="submit"
          variant="filled"
          color="accent"
          size={34}
          aria-label={t("sandbox.send")}
          disabled={!text.trim()}
          loading={busy}
        >
          <IconSend size={16} stroke={1.75} className="mirror" />
        </ActionIcon>
      </form>
      <p className={kit.meta}>{t("sandbox.hint")}</p>
    </div>
  );
}
