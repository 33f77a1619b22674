/** Long work of every service: how far it is, what became of it; pause, resume, cancel. */
import { ActionIcon, Button, Progress, Tooltip } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconProgress, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { api } from "@/api/client.ts";
import { keys, queryClient } from "@/api/queryClient.ts";
import type { Job, JobState } from "@/api/types.ts";
import { useCan } from "@/app/session.tsx";
import { ago, dateTime, number } from "@/i18n/format.ts";
import { known, t } from "@/i18n/i18n.tsx";
import { Badge, type Tone } from "@/ui/Badge.tsx";
import { Page } from "@/ui/Page.tsx";
import { Empty, Failure, Lines } from "@/ui/states.tsx";
import { failed } from "@/ui/toasts.tsx";
import { usePages } from "../kit/data.ts";
import kit from "../kit/kit.module.css";
import { More } from "../kit/More.tsx";
import { UserName } from "../kit/names.tsx";
import css from "./jobs.module.css";

type ListedJob = Job & Required<Pick<Job, "created_by" | "created_at" | "updated_at">>;

const TONES: Record<JobState, Tone> = {
  queued: "info",
  running: "info",
  paused: "warn",
  done: "ok",
  failed: "error",
  cancelled: "plain",
};

export default function JobsPage() {
  const can = useCan();
  const jobs = usePages<ListedJob>([...keys.jobs, "list"], "/jobs", { limit: 50 });
  return (
    <Page
      title={t("jobs.title")}
      actions={
        can("system.view") ? (
          <Button variant="default" renderRoot={(props) => <Link to="/parked" {...props} />}>
            {t("jobs.parked")}
          </Button>
        ) : null
      }
    >
      {jobs.isPending ? <Lines count={6} /> : null}
      {jobs.isError ? <Failure error={jobs.error} retry={() => void jobs.refetch()} /> : null}
      {jobs.isSuccess && jobs.items.length === 0 ? (
        <Empty icon={IconProgress} title={t("jobs.none")} text={t("jobs.none_text")} />
      ) : null}
      {jobs.items.length > 0 ? (
        <ul className={kit.list}>
          {jobs.items.map((job) => (
            <Row key={job.id} job={job} />
          ))}
        </ul>
      ) : null}
      <More pages={jobs} />
    </Page>
  );
}

/** What a job does, in words. */
function kindText(kind: string): string {
  const key = `jobs.kind.${kind}`;
  return known(key) ? t(key) : kind;
}

function Row({ job }: { job: ListedJob }) {
  const { done, total } = job.progress;
  const active = job.state === "running" || job.state === "queued" || job.state === "paused";
  return (
    <li className={css.row}>
      <div className={css.what}>
        <span className={kit.strong}>{kindText(job.kind)}</span>
        <span className={kit.meta}>
          <UserName id={job.created_by} /> ·{" "}
          <time title={dateTime(job.created_at)}>{ago(job.created_at)}</time>
        </span>
      </div>
      <span>
        <Badge tone={TONES[job.state]}>{t(`jobs.state.${job.state}`)}</Badge>
      </span>
      <div className={css.progress}>
        {active && total ? (
          <Progress
            value={(done / total) * 100}
            animated={job.state === "running"}
            aria-label={t("jobs.progress_of", { kind: kindText(job.kind) })}
          />
        ) : null}
        <span className={kit.meta}>
          {job.state === "failed" ? <bdi>{errorText(job)}</bdi> : progressText(done, total)}
        </span>
      </div>
      <div className={css.actions}>{active ? <Steer job={job} /> : null}</div>
    </li>
  );
}

function progressText(done: number, total: number | null): string {
  if (total) return t("jobs.progress", { done, total });
  return done ? number(done) : "";
}

function errorText(job: Job): string {
  const { error } = job;
  if (!error) return t("problem.unexpected");
  if (typeof error === "string") return error;
  const key = `problem.${error.code}`;
  return error.detail ?? (known(key) ? t(key) : t("problem.unexpected"));
}

type Verb = "pause" | "resume" | "cancel";
const ICONS = { pause: IconPlayerPause, resume: IconPlayerPlay, cancel: IconX };

function Steer({ job }: { job: Job }) {
  async function steer(verb: Verb) {
    try {
      await api.post(`/jobs/${job.id}:${verb}`);
    } catch (problem) {
      failed(problem);
    }
    await queryClient.invalidateQueries({ queryKey: keys.jobs });
  }
  const verbs: Verb[] = job.state === "paused" ? ["resume", "cancel"] : ["pause", "cancel"];
  return verbs.map((verb) => {
    const Glyph = ICONS[verb];
    return (
      <Tooltip key={verb} label={t(`jobs.${verb}`)}>
        <ActionIcon aria-label={t(`jobs.${verb}`)} onClick={() => void steer(verb)}>
          <Glyph size={16} stroke={1.75} className={verb === "resume" ? "mirror" : undefined} />
        </ActionIcon>
      </Tooltip>
    );
  });
}
