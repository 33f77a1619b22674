/** A sending that began: thirty seconds in which it can be cancelled, then a live bar of what became of the messages. */
import { Button, Progress } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { api } from "@/api/client.ts";
import { keys } from "@/api/queryClient.ts";
import type { Id, Job, MessageState, Page } from "@/api/types.ts";
import { number } from "@/i18n/format.ts";
import { t } from "@/i18n/i18n.tsx";
import { Notice } from "@/ui/states.tsx";
import { done, failed } from "@/ui/toasts.tsx";
import type { SendResult, SentMessage } from "./api.ts";
import css from "./messages.module.css";

export const HOLD_SECONDS = 30;
const COUNTED = 500;
const ENDED = ["done", "failed", "cancelled"];

type DeliveryProps = {
  jobId: Id;
  startedAt: number;
  recipients: number;
  onCancelled: () => void;
  onAgain: () => void;
};

export function Delivery({ jobId, startedAt, recipients, onCancelled, onAgain }: DeliveryProps) {
  const job = useQuery({
    queryKey: [...keys.jobs, jobId],
    queryFn: async ({ signal }) => (await api.get<Job<SendResult>>(`/jobs/${jobId}`, { signal })).data,
    refetchInterval: ({ state }) => (ENDED.includes(state.data?.state ?? "") ? false : 1_000),
  });
  const left = useCountdown(startedAt + HOLD_SECONDS * 1_000);
  const state = job.data?.state ?? "queued";
  const holding = state === "queued" && left > 0;

  async function cancel() {
    try {
      await api.post(`/jobs/${jobId}:cancel`);
      done(t("messages.cancelled"));
      onCancelled();
    } catch (problem) {
      failed(problem);
      await job.refetch();
    }
  }

  if (holding) {
    return (
      <div className={css.hold} role="status">
        <p className={css.holdText}>{t("messages.holding", { seconds: left, count: recipients })}</p>
        <Progress value={(left / HOLD_SECONDS) * 100} aria-label={t("messages.hold_label")} />
        <Button variant="default" onClick={() => void cancel()}>
          {t("messages.cancel_sending")}
        </Button>
      </div>
    );
  }
  return (
    <div className={css.hold}>
      {state === "failed" ? <Notice>{errorOf(job.data)}</Notice> : null}
      {state === "cancelled" ? <Notice tone="warn">{t("messages.cancelled_midway")}</Notice> : null}
      <Bar jobId={jobId} recipients={recipients} job={job.data} />
      <div className={css.holdActions}>
        <Button variant="default" renderRoot={(props) => <Link to="/messages" {...props} />}>
          {t("messages.see_all")}
        </Button>
        {ENDED.includes(state) ? (
          <Button variant="default" onClick={onAgain}>
            {t("messages.write_another")}
          </Button>
        ) : (
          <Button variant="default" onClick={() => void cancel()}>
            {t("messages.stop_rest")}
          </Button>
        )}
      </div>
    </div>
  );
}

function errorOf(job: Job | undefined): string {
  const error = job?.error;
  return typeof error === "string" ? error : (error?.detail ?? t("problem.unexpected"));
}

function useCountdown(until: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.ceil((until - now) / 1_000));
}

const SEGMENTS = ["delivered", "sent", "on_the_way", "failed"] as const;
type Segment = (typeof SEGMENTS)[number];
const TONES: Record<Segment, string> = {
  delivered: "var(--ok)",
  sent: "var(--accent)",
  on_the_way: "var(--control-border)",
  failed: "var(--error)",
};
const SEGMENT_OF: Record<MessageState, Segment> = {
  queued: "on_the_way",
  sending: "on_the_way",
  unknown: "on_the_way",
  sent: "sent",
  delivered: "delivered",
  failed: "failed",
  undeliverable: "failed",
  received: "delivered",
};

/** Small sendings are counted by message, large ones by what their job says. */
function Bar({
  jobId,
  recipients,
  job,
}: {
  jobId: Id;
  recipients: number;
  job: Job<SendResult> | undefined;
}) {
  const small = recipients <= COUNTED;
  const messages = useQuery({
    queryKey: [...keys.messages, "of-job", jobId],
    queryFn: async ({ signal }) => {
      const params = { job_id: jobId, limit: COUNTED };
      return (await api.get<Page<SentMessage>>("/messages", { params, signal })).data.items;
    },
    enabled: small,
    refetchInterval: ({ state }) =>
      state.data?.length && state.data.every((one) => SEGMENT_OF[one.state] !== "on_the_way") ? 5_000 : 1_500,
  });
  const counts = small ? countStates(messages.data ?? [], recipients) : countJob(job, recipients);
  const total = Math.max(1, recipients);
  return (
    <div className={css.delivery} role="status" aria-live="polite">
      <Progress.Root size="xl" aria-label={t("messages.delivery")}>
        {SEGMENTS.map((segment) => (
          <Progress.Section
            key={segment}
            value={(counts[segment] / total) * 100}
            color={TONES[segment]}
            aria-hidden
          />
        ))}
      </Progress.Root>
      <ul className={css.legend}>
        {SEGMENTS.map((segment) => (
          <li key={segment}>
            <span className={css.dot} style={{ background: TONES[segment] }} aria-hidden />
            <span>{t(`messages.segment.${segment}`)}</span>
            <strong>{number(counts[segment])}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}

type Counts = Record<Segment, number>;

function countStates(messages: SentMessage[], recipients: number): Counts {
  const counts: Counts = {
    delivered: 0,
    sent: 0,
    on_the_way: Math.max(0, recipients - messages.length),
    failed: 0,
  };
  for (const message of messages) counts[SEGMENT_OF[message.state]] += 1;
  return counts;
}

function countJob(job: Job<SendResult> | undefined, recipients: number): Counts {
  const failedOnes = job?.result?.failed ?? 0;
  const sent = job?.result?.sent ?? job?.progress.done ?? 0;
  return { delivered: 0, sent, on_the_way: Math.max(0, recipients - sent - failedOnes), failed: failedOnes };
}
