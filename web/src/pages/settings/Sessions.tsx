/** Where one is signed in, and ending those sessions. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api } from "@/api/client.ts";
import { queryClient } from "@/api/queryClient.ts";
import type { SessionOut } from "@/api/schema.gen.ts";
import type { Page } from "@/api/types.ts";
import { ago } from "@/i18n/format.ts";
import { t } from "@/i18n/i18n.tsx";
import { Badge } from "@/ui/Badge.tsx";
import { Failure, Lines } from "@/ui/states.tsx";
import { Ltr } from "@/ui/text.tsx";
import { done, failed } from "@/ui/toasts.tsx";
import kit from "../kit/kit.module.css";
import css from "./settings.module.css";

const sessionsKey = ["sessions"] as const;

const BROWSERS = [
  ["Edg/", "Edge"],
  ["OPR/", "Opera"],
  ["Firefox/", "Firefox"],
  ["Chrome/", "Chrome"],
  ["Safari/", "Safari"],
] as const;
const SYSTEMS = [
  ["Android", "Android"],
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Mac OS X", "macOS"],
  ["Windows", "Windows"],
  ["Linux", "Linux"],
] as const;

/** "Chrome, Windows" of a user agent; the agent's first word when neither is known. */
export function deviceOf(agent: string | null): string {
  if (!agent) return t("settings.unknown_device");
  const found = [BROWSERS, SYSTEMS]
    .map((list) => list.find(([mark]) => agent.includes(mark))?.[1])
    .filter(Boolean);
  return found.length ? found.join(" · ") : (agent.split(/[\s/]/)[0] ?? agent);
}

export function Sessions() {
  const sessions = useQuery({
    queryKey: sessionsKey,
    queryFn: async ({ signal }) => (await api.get<Page<SessionOut>>("/auth/sessions", { signal })).data.items,
  });
  async function end(run: () => Promise<unknown>) {
    try {
      await run();
      done(t("settings.session_ended"));
    } catch (problem) {
      failed(problem);
    }
    await queryClient.invalidateQueries({ queryKey: sessionsKey });
  }
  if (sessions.isPending) return <Lines count={2} />;
  if (sessions.isError)
    return <Failure error={sessions.error} retry={() => void sessions.refetch()} compact />;
  const others = sessions.data.filter((session) => !session.current);
  return (
    <div className={kit.stack}>
      <ul className={kit.list}>
        {sessions.data.map((session) => (
          <li key={session.id} className={css.session}>
            <div className={kit.grow}>
              <bdi className={kit.strong}>{deviceOf(session.user_agent)}</bdi>{" "}
              {session.current ? <Badge tone="accent">{t("settings.this_one")}</Badge> : null}
              <p className={kit.meta}>
                {session.ip ? <Ltr>{session.ip}</Ltr> : null} · {ago(session.last_seen_at)}
              </p>
            </div>
            {session.current ? null : (
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => void end(() => api.delete(`/auth/sessions/${session.id}`))}
              >
                {t("settings.end_session")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {others.length > 1 ? (
        <div>
          <Button variant="default" onClick={() => void end(() => api.post("/auth/sessions:revoke-others"))}>
            {t("settings.end_others")}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
