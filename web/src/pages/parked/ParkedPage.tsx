/** Messages between services that failed for good: what, why, trying them again or giving them up. */
import { Button } from "@mantine/core";
import { IconCircleCheck, IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "@/api/client.ts";
import { queryClient } from "@/api/queryClient.ts";
import { useCan } from "@/app/session.tsx";
import { ago, dateTime, number } from "@/i18n/format.ts";
import { t } from "@/i18n/i18n.tsx";
import { Confirm } from "@/ui/dialogs.tsx";
import { Page } from "@/ui/Page.tsx";
import { Empty, Failure, Lines } from "@/ui/states.tsx";
import { Ltr } from "@/ui/text.tsx";
import { done, failed } from "@/ui/toasts.tsx";
import { usePages } from "../kit/data.ts";
import kit from "../kit/kit.module.css";
import { More } from "../kit/More.tsx";
import { serviceName } from "../system/SystemPage.tsx";

type Parked = {
  id: string;
  service: string;
  consumer: string;
  topic: string;
  key: string;
  error: string;
  behind: string | null;
  attempts: number;
  at: string;
};

const parkedKey = ["parked"] as const;

export default function ParkedPage() {
  const may = useCan()("parked.replay");
  const parked = usePages<Parked>(parkedKey, "/parked-messages", { limit: 50 });
  return (
    <Page title={t("jobs.parked")}>
      <p className={kit.lead}>{t("jobs.parked_lead")}</p>
      {parked.isPending ? <Lines count={4} /> : null}
      {parked.isError ? <Failure error={parked.error} retry={() => void parked.refetch()} /> : null}
      {parked.isSuccess && parked.items.length === 0 ? (
        <Empty icon={IconCircleCheck} title={t("jobs.parked_none")} text={t("jobs.parked_none_text")} />
      ) : null}
      {parked.items.length > 0 ? (
        <div className={kit.tableWrap}>
          <table className={`${kit.table} ${kit.cards}`}>
            <thead>
              <tr>
                <th scope="col">{t("jobs.parked.service")}</th>
                <th scope="col">{t("jobs.parked.about")}</th>
                <th scope="col">{t("jobs.parked.error")}</th>
                <th scope="col" data-end data-wide>
                  {t("jobs.parked.attempts")}
                </th>
                <th scope="col">{t("jobs.parked.at")}</th>
                <th scope="col" data-actions>
                  <span className="visually-hidden">{t("jobs.replay")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {parked.items.map((one) => (
                <tr key={one.id}>
                  <td>{serviceName(one.service)}</td>
                  <td>
                    <Ltr className={kit.mono}>{one.topic}</Ltr>
                    <br />
                    <Ltr className={kit.mono}>{one.key}</Ltr>
                  </td>
                  <td>
                    <bdi>{one.behind ? t("jobs.parked.behind") : one.error}</bdi>
                  </td>
                  <td data-end data-wide>
                    {number(one.attempts)}
                  </td>
                  <td data-nowrap title={dateTime(one.at)}>
                    {ago(one.at)}
                  </td>
                  <td data-actions>
                    {may && !one.behind ? (
                      <>
                        <Replay parked={one} /> <GiveUp parked={one} />
                      </>
                    ) : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      <More pages={parked} />
    </Page>
  );
}

/** The service tries again on its own time; the row is looked at again shortly after. */
function Replay({ parked }: { parked: Parked }) {
  const [busy, setBusy] = useState(false);
  async function replay() {
    setBusy(true);
    try {
      await api.post(`/parked-messages/${parked.id}:replay`);
      done(t("jobs.replaying"));
      setTimeout(() => void queryClient.invalidateQueries({ queryKey: parkedKey }), 1_500);
    } catch (problem) {
      failed(problem);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={busy}
      leftSection={<IconRefresh size={14} stroke={1.75} />}
      onClick={() => void replay()}
    >
      {t("jobs.replay")}
    </Button>
  );
}

/** What it says will never be done: asked for twice. */
function GiveUp({ parked }: { parked: Parked }) {
  const [asking, setAsking] = useState(false);
  async function discard() {
    setAsking(false);
    try {
      await api.post(`/parked-messages/${parked.id}:discard`);
      done(t("jobs.discarded"));
    } catch (problem) {
      failed(problem);
    }
    await queryClient.invalidateQueries({ queryKey: parkedKey });
  }
  return (
    <>
      <Button size="compact-sm" variant="subtle" color="red" onClick={() => setAsking(true)}>
        {t("jobs.discard")}
      </Button>
      <Confirm
        opened={asking}
        title={t("jobs.discard")}
        confirm={t("jobs.discard")}
        danger
        onConfirm={() => void discard()}
        onClose={() => setAsking(false)}
      >
        {t("jobs.discard_question")}
      </Confirm>
    </>
  );
}
