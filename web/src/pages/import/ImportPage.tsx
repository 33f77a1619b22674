/** Where an import begins, with the history of all of them below. */

import { IconFileImport } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { keys } from "@/api/queryClient.ts";
import { useCan } from "@/app/session.tsx";
import { ago, dateTime, number } from "@/i18n/format.ts";
import { t } from "@/i18n/i18n.tsx";
import { Page, Panel } from "@/ui/Page.tsx";
import { Empty, Failure, Lines } from "@/ui/states.tsx";
import { usePages } from "../kit/data.ts";
import kit from "../kit/kit.module.css";
import { More } from "../kit/More.tsx";
import { UserName } from "../kit/names.tsx";
import type { Import } from "./api.ts";
import { DropZone } from "./DropZone.tsx";
import css from "./import.module.css";
import { ImportState } from "./Running.tsx";

export default function ImportPage() {
  const navigate = useNavigate();
  const may = useCan()("imports.run");
  return (
    <Page title={t("importing.title")}>
      <p className={kit.lead}>{t("importing.lead")}</p>
      <div className={kit.stack}>
        {may ? (
          <DropZone
            onDone={(found) => void navigate({ to: "/import/$importId", params: { importId: found.id } })}
          />
        ) : null}
        <History />
      </div>
    </Page>
  );
}

function History() {
  const history = usePages<Import>(keys.imports, "/imports", { limit: 20 });
  if (history.isPending) return <Lines count={4} />;
  if (history.isError) return <Failure error={history.error} retry={() => void history.refetch()} />;
  if (history.items.length === 0) {
    return (
      <Panel>
        <Empty
          icon={IconFileImport}
          title={t("importing.history.empty")}
          text={t("importing.history.empty_text")}
        />
      </Panel>
    );
  }
  return (
    <section className={kit.stack}>
      <h2 className={css.dropTitle}>{t("importing.history")}</h2>
      <div className={kit.tableWrap}>
        <table className={`${kit.table} ${kit.cards}`}>
          <thead>
            <tr>
              <th scope="col">{t("importing.history.file")}</th>
              <th scope="col">{t("importing.history.state")}</th>
              <th scope="col" data-end>
                {t("importing.outcome.read")}
              </th>
              <th scope="col" data-end>
                {t("importing.outcome.created")}
              </th>
              <th scope="col" data-end>
                {t("importing.outcome.changed")}
              </th>
              <th scope="col" data-end>
                {t("importing.history.problems")}
              </th>
              <th scope="col">{t("importing.history.by")}</th>
              <th scope="col">{t("importing.history.when")}</th>
            </tr>
          </thead>
          <tbody>
            {history.items.map((one) => (
              <tr key={one.id}>
                <td>
                  <Link to="/import/$importId" params={{ importId: one.id }} className={css.fileLink}>
                    <bdi>{one.file_name}</bdi>
                  </Link>
                </td>
                <td>
                  <ImportState state={one.state} />
                </td>
                <td data-end data-label={t("importing.outcome.read")}>
                  {one.result ? number(one.result.read) : "–"}
                </td>
                <td data-end data-label={t("importing.outcome.created")}>
                  {one.result ? number(one.result.created) : "–"}
                </td>
                <td data-end data-label={t("importing.outcome.changed")}>
                  {one.result ? number(one.result.changed) : "–"}
                </td>
                <td data-end data-label={t("importing.history.problems")}>
                  {one.problems ? number(one.problems) : "–"}
                </td>
                <td data-inline>
                  <UserName id={one.created_by} />
                </td>
                <td data-nowrap data-inline title={dateTime(one.created_at)}>
                  {ago(one.created_at)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <More pages={history} />
    </section>
  );
}
