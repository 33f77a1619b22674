/** An import on its way and what became of it: progress with rate and time left, then counts and the rows that were not written. */

import { Button, Progress } from "@mantine/core";
import { IconDownload, IconPlayerPause, IconPlayerPlay, IconX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { api, notePosition } from "@/api/client.ts";
import type { Job } from "@/api/types.ts";
import { useCan } from "@/app/session.tsx";
import { number } from "@/i18n/format.ts";
import { t } from "@/i18n/i18n.tsx";
import { Badge } from "@/ui/Badge.tsx";
import { Panel } from "@/ui/Page.tsx";
import { Notice } from "@/ui/states.tsx";
import { failed } from "@/ui/toasts.tsx";
import { duration } from "../kit/duration.ts";
import { errorsAddress, type Import, type ImportResult, importKey, isActive, OUTCOMES } from "./api.ts";
import css from "./import.module.css";

const TONES = {
  queued: "info",
  running: "info",
  paused: "warn",
  done: "ok",
  failed: "error",
  cancelled: "plain",
  ready: "plain",
} as const;

export function ImportState({ state }: { state: Import["state"] }) {
  return <Badge tone={TONES[state]}>{t(`importing.state.${state}`)}</Badge>;
}

export function Running({ found }: { found: Import }) {
  useReached(found);
  return isActive(found.state) ? <OnItsWay found={found} /> : <Ended found={found} />;
}

/** Searches that follow wait for what the run wrote. */
function useReached(found: Import) {
  const { job_id, state } = found;
  useEffect(() => {
    if (!job_id || state !== "done") return;
    const stop = new AbortController();
    api
      .get<Job<{ position?: string }>>(`/jobs/${job_id}`, { signal: stop.signal })
      .then(({ data }) => notePosition(data.result?.position))
      .catch(() => undefined);
    return () => stop.abort();
  }, [job_id, state]);
}

function OnItsWay({ found }: { found: Import }) {
  const { done, total, rate, seconds_left } = found.progress;
  const percent = total ? (done / total) * 100 : 0;
  return (
    <Panel>
      <div className={css.progress} aria-live="polite">
        <div className={css.progressTop}>
          <div>
            <ImportState state={found.state} />
            <p className={css.figure}>
              {total === null
                ? t("importing.progress.reading")
                : t("importing.progress.rows", { done, total })}
            </p>
          </div>
          <p className={css.quiet}>
            {rate ? t("importing.progress.rate", { rate: Math.round(rate) }) : null}
            {rate && seconds_left !== null ? " · " : null}
            {seconds_left !== null ? t("importing.progress.left", { time: duration(seconds_left) }) : null}
          </p>
        </div>
        <Progress
          value={percent}
          size="lg"
          animated={found.state === "running"}
          aria-label={t("importing.progress.label")}
        />
        <Steer found={found} />
        <p className={css.quiet}>{t("importing.progress.leave")}</p>
      </div>
      {found.result ? <Counts result={found.result} /> : null}
    </Panel>
  );
}

function Steer({ found }: { found: Import }) {
  const queries = useQueryClient();
  const may = useCan()("imports.run");
  const [busy, setBusy] = useState(false);
  async function steer(verb: "pause" | "resume" | "cancel") {
    setBusy(true);
    try {
      await api.post(`/imports/${found.id}:${verb}`);
    } catch (problem) {
      failed(problem);
    } finally {
      setBusy(false);
      await queries.invalidateQueries({ queryKey: importKey(found.id) });
    }
  }
  if (!may) return null;
  const paused = found.state === "paused";
  return (
    <div className={css.rowActions}>
      <Button
        variant="default"
        disabled={busy}
        leftSection={paused ? <IconPlayerPlay size={16} className="mirror" /> : <IconPlayerPause size={16} />}
        onClick={() => void steer(paused ? "resume" : "pause")}
      >
        {t(paused ? "importing.resume" : "importing.pause")}
      </Button>
      <Button
        variant="default"
        disabled={busy}
        leftSection={<IconX size={16} />}
        onClick={() => void steer("cancel")}
      >
        {t("importing.cancel")}
      </Button>
    </div>
  );
}

function Counts({ result }: { result: ImportResult }) {
  return (
    <dl className={css.counts}>
      {(["read", ...OUTCOMES] as const).map((name) => {
        const count = result[name];
        const tone = (name === "failed" || name === "ambiguous") && count > 0 ? "warn" : undefined;
        return (
          <div key={name} className={css.count} data-tone={tone} data-zero={count === 0 || undefined}>
            <dt title={t(`importing.outcome_hint.${name}`)}>{t(`importing.outcome.${name}`)}</dt>
            <dd>{number(count)}</dd>
          </div>
        );
      })}
    </dl>
  );
}

function Ended({ found }: { found: Import }) {
  const queries = useQueryClient();
  const may = useCan()("imports.run");
  const { state, result, error, problems } = found;
  async function goOn() {
    try {
      await api.post(`/imports/${found.id}:run`);
    } catch (problem) {
      failed(problem);
    }
    await queries.invalidateQueries({ queryKey: importKey(found.id) });
  }
  return (
    <div className={css.dropArea}>
      {state === "failed" ? <Notice tone="error">{error?.detail ?? t("importing.failed")}</Notice> : null}
      {state === "cancelled" ? <Notice tone="warn">{t("importing.cancelled")}</Notice> : null}
      {state === "done" && result && found.kept !== "nothing" ? (
        <Notice tone={problems ? "warn" : "ok"}>
          {problems ? t("importing.done_with_problems", { count: problems }) : t("importing.done_clean")}
        </Notice>
      ) : null}
      {found.kept === "file" ? null : <Notice tone="info">{t(`importing.kept.${found.kept}`)}</Notice>}
      {result ? <Counts result={result} /> : null}
      <div className={css.rowActions}>
        {state !== "done" && may && found.kept === "file" ? (
          <Button leftSection={<IconPlayerPlay size={16} className="mirror" />} onClick={() => void goOn()}>
            {t("importing.go_on")}
          </Button>
        ) : null}
        {problems && found.kept !== "nothing" ? (
          <Button
            component="a"
            href={errorsAddress(found.id)}
            download
            variant={state === "done" ? "filled" : "default"}
            leftSection={<IconDownload size={16} stroke={1.75} />}
          >
            {t("importing.errors_file", { count: problems })}
          </Button>
        ) : null}
        <Button variant="default" renderRoot={(props) => <Link to="/customers" {...props} />}>
          {t("importing.see_customers")}
        </Button>
        <Button variant="default" renderRoot={(props) => <Link to="/import" {...props} />}>
          {t("importing.another")}
        </Button>
      </div>
      {problems ? <p className={css.quiet}>{t("importing.errors_hint")}</p> : null}
    </div>
  );
}
