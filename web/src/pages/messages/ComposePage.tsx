/** Writing to many: who gets it, the text, and how a real recipient will read it, side by side. */
import { Button, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSend } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, newIdempotencyKey } from "@/api/client.ts";
import { explain } from "@/api/explain.ts";
import type { Id, Job } from "@/api/types.ts";
import { t } from "@/i18n/i18n.tsx";
import { useKeys } from "@/ui/keys.ts";
import { Page } from "@/ui/Page.tsx";
import { Notice } from "@/ui/states.tsx";
import { failed } from "@/ui/toasts.tsx";
import { type Preview, useTemplates, useVariables } from "./api.ts";
import { type Audience, forgetAudience, takeAudience } from "./audience.ts";
import { Delivery, HOLD_SECONDS } from "./Delivery.tsx";
import { Ledger } from "./Ledger.tsx";
import css from "./messages.module.css";
import { SamplePhone } from "./Phone.tsx";
import { TextNotes } from "./TextNotes.tsx";
import { VariableTextarea } from "./VariableTextarea.tsx";
import { unknown } from "./variables.ts";

/** Beyond so many recipients the preview is made when asked for, not while typing. */
const WHILE_TYPING = 5_000;

type Sending = { jobId: Id; startedAt: number; recipients: number };

export default function ComposePage() {
  const [audience, setAudience] = useState<Audience | null>(takeAudience);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [round, setRound] = useState(0);
  const [sending, setSending] = useState<Sending | null>(null);
  const [busy, setBusy] = useState(false);
  const { data: variables = [] } = useVariables();
  const isGood = (said: string) =>
    said.trim() !== "" && (variables.length === 0 || unknown(said, variables).length === 0);
  const ready = isGood(text);
  const preview = usePreview(ready ? audience : null, text, round, isGood);
  const samples = preview.data?.samples ?? [];
  const place = Math.min(at, Math.max(0, samples.length - 1));
  const step = (by: 1 | -1) => setAt(Math.min(Math.max(0, place + by), Math.max(0, samples.length - 1)));
  const steps = Object.fromEntries([
    ["KeyJ", () => step(1)],
    ["KeyK", () => step(-1)],
  ]);
  useKeys(steps, sending === null);

  function choose(next: Audience | null) {
    if (!next) forgetAudience();
    setAudience(next);
    setAt(0);
  }

  async function send(shown: Preview) {
    setBusy(true);
    try {
      const body = { audience_id: shown.audience_id, hold_seconds: HOLD_SECONDS };
      const { data } = await api.post<Job>("/messages", body, { idempotencyKey: newIdempotencyKey() });
      setSending({ jobId: data.id, startedAt: Date.now(), recipients: shown.recipients });
    } catch (problem) {
      failed(problem);
      setRound(round + 1);
    } finally {
      setBusy(false);
    }
  }

  function again() {
    setSending(null);
    setRound(round + 1);
  }

  const fresh = preview.data && !preview.stale ? preview.data : null;
  return (
    <Page title={t("messages.compose")}>
      <div className={css.compose}>
        <Ledger
          audience={audience}
          onAudience={choose}
          preview={ready && audience ? preview.data : undefined}
          counting={preview.isFetching}
          locked={sending !== null}
        />
        <section className={css.column} aria-label={t("messages.text")}>
          <h2 className={css.columnTitle}>{t("messages.text")}</h2>
          {sending ? (
            <>
              <p className={css.sentText} dir="auto">
                {text}
              </p>
              <Delivery
                {...sending}
                onCancelled={again}
                onAgain={() => {
                  setText("");
                  again();
                }}
              />
            </>
          ) : (
            <>
              <TemplateChoice onText={setText} />
              <VariableTextarea
                label={t("messages.text_label")}
                placeholder={t("messages.text_placeholder")}
                value={text}
                onChange={setText}
                variables={variables}
              />
              <TextNotes
                text={text}
                onChange={setText}
                variables={variables}
                counted={fresh}
                recipients={fresh?.recipients ?? audience?.count ?? 0}
              />
              {preview.isError ? <Notice>{explain(preview.error)}</Notice> : null}
              <div className={css.sendBar}>
                {preview.mustAsk ? (
                  <Button variant="default" loading={preview.isFetching} onClick={preview.ask}>
                    {t("messages.count_again")}
                  </Button>
                ) : null}
                <Button
                  size="md"
                  leftSection={<IconSend size={16} stroke={1.75} className="mirror" />}
                  loading={busy}
                  disabled={!ready || !fresh || preview.isFetching || fresh.recipients === 0}
                  onClick={() => fresh && void send(fresh)}
                >
                  {sendLabel(fresh, audience, ready)}
                </Button>
              </div>
              <p className={css.quiet}>{t("messages.hold_hint", { seconds: HOLD_SECONDS })}</p>
            </>
          )}
        </section>
        <section className={css.column} aria-label={t("messages.phone.title")}>
          <h2 className={css.columnTitle}>{t("messages.phone.title")}</h2>
          <SamplePhone samples={ready ? samples : []} at={place} step={step} />
        </section>
      </div>
    </Page>
  );
}

function sendLabel(preview: Preview | null, audience: Audience | null, ready: boolean): string {
  if (!audience) return t("messages.choose_audience_first");
  if (!ready) return t("messages.write_first");
  if (!preview) return t("messages.counting");
  return t("messages.send_to", { count: preview.recipients });
}

/** The preview of what is typed, made anew when typing rests; for very many recipients only when asked for. */
function usePreview(
  audience: Audience | null,
  text: string,
  round: number,
  isGood: (text: string) => boolean,
) {
  const [rested] = useDebouncedValue(text, 600);
  const [asked, setAsked] = useState("");
  const [many, setMany] = useState(false);
  const wanted = many ? asked : rested;
  const query = useQuery({
    queryKey: ["message-preview", JSON.stringify(audience?.body ?? null), wanted, round],
    queryFn: async ({ signal }) => {
      const body = { channel: "sms", audience: audience?.body, text: wanted };
      const { data } = await api.post<Preview>("/messages:preview", body, { signal });
      setAsked(wanted);
      setMany(data.recipients > WHILE_TYPING);
      return data;
    },
    enabled: audience !== null && isGood(wanted),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const stale = wanted !== text || query.isPlaceholderData || query.isFetching;
  return { ...query, stale, mustAsk: many && asked !== text, ask: () => setAsked(text) };
}

function TemplateChoice({ onText }: { onText: (text: string) => void }) {
  const { data: templates = [] } = useTemplates();
  if (templates.length === 0) return null;
  return (
    <Select
      aria-label={t("messages.template")}
      placeholder={t("messages.template")}
      data={templates.map((one) => ({ value: one.id, label: one.name }))}
      value={null}
      onChange={(id) => {
        const chosen = templates.find((one) => one.id === id);
        if (chosen) onText(chosen.body);
      }}
      searchable
    />
  );
}
