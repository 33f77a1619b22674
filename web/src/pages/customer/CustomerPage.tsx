import { Tabs } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconUserOff } from "@tabler/icons-react";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { api, Problem } from "../../api/client.ts";
import { nameOf } from "../../api/queries.ts";
import type { Customer } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { t } from "../../i18n/i18n.tsx";
import { Timeline } from "../../timeline/Timeline.tsx";
import { useKeys } from "../../ui/keys.ts";
import { Empty, Failure, Lines } from "../../ui/states.tsx";
import { Conflict } from "./Conflict.tsx";
import classes from "./CustomerPage.module.css";
import { Details } from "./Details.tsx";
import { Header } from "./Header.tsx";
import { HistoryTab } from "./HistoryTab.tsx";
import { useChange, useCustomer } from "./useCustomer.ts";

export default function CustomerPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const found = useCustomer(id);
  useEffect(() => {
    if (found.isSuccess) void api.post("/recently-viewed", { customer_id: id }).catch(() => undefined);
  }, [id, found.isSuccess]);
  if (found.data) return <Loaded key={id} customer={found.data} />;
  if (found.error instanceof Problem && found.error.status === 404) {
    return (
      <Empty icon={IconUserOff} title={t("customer.not_found")} text={t("customer.not_found_text")}>
        <Link to="/customers">{t("common.to_customers")}</Link>
      </Empty>
    );
  }
  if (found.error) return <Failure error={found.error} retry={() => void found.refetch()} />;
  return <Skeleton />;
}

function Skeleton() {
  return (
    <div className={classes.page} aria-busy>
      <div className={classes.header} />
      <div className={classes.columns}>
        <div className={classes.side}>
          <Lines count={9} height={38} />
        </div>
        <div className={classes.main}>
          <Lines count={6} height={64} />
        </div>
      </div>
    </div>
  );
}

type Tab = "details" | "timeline" | "history";

function Loaded({ customer }: { customer: Customer }) {
  const narrow = useMediaQuery("(width < 62em)", false, { getInitialValueInEffect: false });
  const can = useCan();
  const first: Tab = narrow ? "details" : can("entries.view") ? "timeline" : "history";
  const [chosen, setTab] = useState<Tab>(first);
  const tab = !narrow && chosen === "details" ? first : chosen;
  const { change, conflict, resolve, take } = useChange(customer.id);
  const name = nameOf(customer);
  useEffect(() => {
    document.title = `${name} · Rapport`;
  }, [name]);
  const log = () => {
    setTab("timeline");
    requestAnimationFrame(() => document.getElementById("composer")?.focus());
  };
  const edit = () => {
    if (narrow) setTab("details");
    requestAnimationFrame(() => document.querySelector<HTMLElement>("[data-field]")?.click());
  };
  useKeys({ KeyL: log, F2: edit });
  const details = <Details customer={customer} change={change} />;
  return (
    <div className={classes.page}>
      <Header customer={customer} onLog={log} onEdit={edit} onChanged={take} />
      <div className={classes.columns} data-tab={tab}>
        {!narrow && <div className={classes.side}>{details}</div>}
        <div className={classes.main}>
          <Tabs value={tab} onChange={(next) => setTab((next ?? first) as Tab)} keepMounted={false}>
            <Tabs.List className={classes.tabs}>
              {narrow && <Tabs.Tab value="details">{t("customer.tab_details")}</Tabs.Tab>}
              {can("entries.view") && <Tabs.Tab value="timeline">{t("timeline.title")}</Tabs.Tab>}
              <Tabs.Tab value="history">{t("customer.tab_history")}</Tabs.Tab>
            </Tabs.List>
            {narrow && <Tabs.Panel value="details">{details}</Tabs.Panel>}
            {can("entries.view") && (
              <Tabs.Panel value="timeline" className={classes.panel}>
                <Timeline customerId={customer.id} />
              </Tabs.Panel>
            )}
            <Tabs.Panel value="history" className={classes.panel}>
              <HistoryTab id={customer.id} />
            </Tabs.Panel>
          </Tabs>
        </div>
      </div>
      <Conflict conflict={conflict} onResolve={(keep) => void resolve(keep)} />
    </div>
  );
}
