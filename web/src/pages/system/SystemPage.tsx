/** The state of the house: which services answer, what waits, how far the search index is behind; building it anew. */
import { Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "@/api/client.ts";
import { useCan } from "@/app/session.tsx";
import { number } from "@/i18n/format.ts";
import { known, t } from "@/i18n/i18n.tsx";
import { Badge } from "@/ui/Badge.tsx";
import { Page, Section } from "@/ui/Page.tsx";
import { Failure, Lines, Notice } from "@/ui/states.tsx";
import { done, failed } from "@/ui/toasts.tsx";
import { duration } from "../kit/duration.ts";
import kit from "../kit/kit.module.css";
import { listed } from "../kit/listed.ts";

type Service = {
  ok: boolean;
  detail?: string;
  outbox?: { rows: number; age_seconds: number };
  parked?: number;
  consumers?: { name: string; lag: number }[];
};
type System = {
  gateway: { live_streams: number; uptime_seconds: number };
  services: Record<string, Service>;
};

/** A service's name as people call what it does. */
export function serviceName(name: string): string {
  const key = `system.service.${name}`;
  return known(key) ? t(key) : name;
}

const lagOf = (service: Service) =>
  (service.consumers ?? []).reduce((sum, consumer) => sum + consumer.lag, 0);

export default function SystemPage() {
  const can = useCan();
  const system = useQuery({
    queryKey: ["system"],
    queryFn: async ({ signal }) => (await api.get<System>("/system", { signal })).data,
    refetchInterval: 3_000,
  });
  const services = Object.entries(system.data?.services ?? {});
  const down = services.filter(([, service]) => !service.ok);
  const search = system.data?.services.search;
  const behind = search ? lagOf(search) : 0;
  return (
    <Page layout="text" title={t("system.title")}>
      {system.isPending ? <Lines count={7} /> : null}
      {system.isError ? <Failure error={system.error} retry={() => void system.refetch()} /> : null}
      {system.data ? (
        <>
          <Section
            title={t("system.services")}
            text={t("system.uptime", { time: duration(system.data.gateway.uptime_seconds) })}
          >
            <div className={kit.stack}>
              <Notice tone={down.length ? "error" : "ok"}>
                {down.length
                  ? t("system.down", { services: listed(down.map(([name]) => serviceName(name))) })
                  : t("system.all_well")}
              </Notice>
              <Services services={services} />
            </div>
          </Section>
          <Section
            title={t("system.index")}
            text={t("system.index_text")}
            actions={can("system.view") ? <Reindex /> : null}
          >
            <p>{behind > 0 ? t("system.index_behind", { count: behind }) : t("system.index_fresh")}</p>
          </Section>
        </>
      ) : null}
    </Page>
  );
}

function Services({ services }: { services: [string, Service][] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and nothing in it takes the focus
    <section className={kit.tableWrap} aria-label={t("shell.system")} tabIndex={0}>
      <table className={kit.table}>
        <thead>
          <tr>
            <th scope="col">{t("system.service")}</th>
            <th scope="col">{t("system.state")}</th>
            <th scope="col" data-end title={t("system.outbox_hint")}>
              {t("system.outbox")}
            </th>
            <th scope="col" data-end title={t("system.lag_hint")}>
              {t("system.lag")}
            </th>
            <th scope="col" data-end>
              {t("system.parked")}
            </th>
          </tr>
        </thead>
        <tbody>
          {services.map(([name, service]) => (
            <tr key={name}>
              <td className={kit.strong}>{serviceName(name)}</td>
              <td>
                <Badge tone={service.ok ? "ok" : "error"}>
                  {t(service.ok ? "system.up" : "system.not_answering")}
                </Badge>
              </td>
              <td data-end>{service.outbox ? number(service.outbox.rows) : "–"}</td>
              <td data-end>{service.consumers ? number(lagOf(service)) : "–"}</td>
              <td data-end>
                {service.parked ? <Link to="/parked">{number(service.parked)}</Link> : number(0)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Reindex() {
  const [busy, setBusy] = useState(false);
  async function start() {
    setBusy(true);
    try {
      await api.post("/search:reindex");
      done(t("system.reindexing"));
    } catch (problem) {
      failed(problem);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Button
      variant="default"
      loading={busy}
      leftSection={<IconRefresh size={16} stroke={1.75} />}
      onClick={() => void start()}
    >
      {t("system.reindex")}
    </Button>
  );
}
