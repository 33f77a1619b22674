/** Who did what and when: sign-ins, passwords, users, roles, keys, settings. */
import { Select } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useState } from "react";
import type { AuditOut } from "@/api/schema.gen.ts";
import { dateTime } from "@/i18n/format.ts";
import { known, t } from "@/i18n/i18n.tsx";
import { Page } from "@/ui/Page.tsx";
import { Empty, Failure, Lines } from "@/ui/states.tsx";
import { Ltr } from "@/ui/text.tsx";
import { usePages } from "../kit/data.ts";
import kit from "../kit/kit.module.css";
import { listed } from "../kit/listed.ts";
import { More } from "../kit/More.tsx";
import { UserName } from "../kit/names.tsx";
import { useUsers } from "../users/api.ts";

const ACTIONS = [
  "sign_in",
  "sign_in_failed",
  "sign_in_locked_out",
  "sign_out",
  "session_revoked",
  "password_changed",
  "password_reset",
  "user_created",
  "user_changed",
  "user_deleted",
  "role_created",
  "role_changed",
  "role_deleted",
  "api_key_created",
  "api_key_deleted",
  "settings_changed",
] as const;

function actionText(action: string): string {
  const key = `audit.action.${action}`;
  return known(key) ? t(key) : action;
}

export default function AuditPage() {
  const [action, setAction] = useState<string | null>(null);
  const [actor, setActor] = useState<string | null>(null);
  const users = useUsers();
  const audit = usePages<AuditOut>(["audit"], "/audit", { action, actor_id: actor, limit: 50 });
  return (
    <Page title={t("audit.title")}>
      <div className={kit.toolbar}>
        <Select
          aria-label={t("audit.action")}
          placeholder={t("audit.any_action")}
          data={ACTIONS.map((value) => ({ value, label: actionText(value) }))}
          value={action}
          onChange={setAction}
          searchable
          clearable
          w={240}
        />
        <Select
          aria-label={t("audit.actor")}
          placeholder={t("audit.anybody")}
          data={(users.data ?? []).map((user) => ({ value: user.id, label: user.name || user.username }))}
          value={actor}
          onChange={setActor}
          searchable
          clearable
          w={220}
        />
      </div>
      {audit.isPending ? <Lines count={8} /> : null}
      {audit.isError ? <Failure error={audit.error} retry={() => void audit.refetch()} /> : null}
      {audit.isSuccess && audit.items.length === 0 ? (
        <Empty icon={IconHistory} title={t("audit.none")} text={t("audit.none_text")} />
      ) : null}
      {audit.items.length > 0 ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and nothing in it takes the focus
        <section className={kit.tableWrap} aria-label={t("shell.audit")} tabIndex={0}>
          <table className={kit.table}>
            <thead>
              <tr>
                <th scope="col">{t("audit.at")}</th>
                <th scope="col">{t("audit.who")}</th>
                <th scope="col">{t("audit.what")}</th>
                <th scope="col">{t("audit.details")}</th>
                <th scope="col">{t("audit.from")}</th>
              </tr>
            </thead>
            <tbody>
              {audit.items.map((item) => (
                <tr key={item.id}>
                  <td data-nowrap>{dateTime(item.at)}</td>
                  <td>
                    <UserName id={item.actor_id} />
                  </td>
                  <td data-nowrap>{actionText(item.action)}</td>
                  <td data-quiet>
                    <Subject item={item} />
                  </td>
                  <td>{item.ip ? <Ltr className={kit.mono}>{item.ip}</Ltr> : null}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : null}
      <More pages={audit} />
    </Page>
  );
}

/** Whom or what it was done to, and the fields it touched. */
function Subject({ item }: { item: AuditOut }) {
  const { details, subject_type, subject_id, actor_id } = item;
  const named = ["name", "username"].map((key) => details[key]).find((value) => typeof value === "string");
  const changed = details.fields ?? details.changed ?? details.changes;
  const fields = Array.isArray(changed)
    ? changed
    : changed && typeof changed === "object"
      ? Object.keys(changed)
      : [];
  return (
    <>
      {named ? <bdi>{String(named)}</bdi> : null}
      {!named && subject_type === "user" && subject_id !== actor_id ? <UserName id={subject_id} /> : null}
      {fields.length ? <span> · {listed(fields.map((field) => fieldText(String(field))))}</span> : null}
    </>
  );
}

function fieldText(field: string): string {
  const key = `audit.field.${field}`;
  return known(key) ? t(key) : field;
}
