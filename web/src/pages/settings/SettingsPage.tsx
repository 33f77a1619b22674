/** The workspace's settings (everybody's), and one's own password and sessions. Every change is saved at once and can be taken back. */
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api } from "@/api/client.ts";
import { queryClient } from "@/api/queryClient.ts";
import type { Settings } from "@/api/types.ts";
import { useCan } from "@/app/session.tsx";
import { t } from "@/i18n/i18n.tsx";
import { workspace } from "@/i18n/workspace.ts";
import { Page, Panel, Section } from "@/ui/Page.tsx";
import { Failure, Lines } from "@/ui/states.tsx";
import { done, failed } from "@/ui/toasts.tsx";
import kit from "../kit/kit.module.css";
import { settingsSeen } from "../kit/settingsSeen.ts";
import { PasswordForm } from "./PasswordForm.tsx";
import { regionOptions, timeZoneOptions } from "./regions.ts";
import { Sessions } from "./Sessions.tsx";

type Kept = Settings & { version: number };
const settingsKey = ["settings"] as const;

async function save(change: Partial<Settings>, version: number): Promise<Kept> {
  const { data } = await api.patch<Kept>("/settings", change, { version });
  queryClient.setQueryData(settingsKey, data);
  workspace.set(data);
  return data;
}

export default function SettingsPage() {
  const settings = useQuery({
    queryKey: settingsKey,
    queryFn: async ({ signal }) => (await api.get<Kept>("/settings", { signal })).data,
  });
  return (
    <Page title={t("settings.title")} layout="text">
      <Section title={t("settings.workspace")} text={t("settings.workspace_text")}>
        <Panel>
          {settings.isPending ? <Lines count={4} height={52} /> : null}
          {settings.isError ? (
            <Failure error={settings.error} retry={() => void settings.refetch()} compact />
          ) : null}
          {settings.data ? <Form settings={settings.data} /> : null}
        </Panel>
      </Section>
      <Section title={t("settings.password")} text={t("settings.password_text")}>
        <Panel>
          <PasswordForm />
        </Panel>
      </Section>
      <Section title={t("settings.sessions")} text={t("settings.sessions_text")}>
        <Sessions />
      </Section>
    </Page>
  );
}

function Form({ settings }: { settings: Kept }) {
  const may = useCan()("settings.edit");
  useEffect(() => {
    if (may) settingsSeen.set();
  }, [may]);

  async function change(part: Partial<Settings>) {
    const before = Object.fromEntries(Object.keys(part).map((key) => [key, settings[key as keyof Settings]]));
    try {
      const data = await save(part, settings.version);
      done(t("settings.saved"), () => save(before, data.version));
    } catch (problem) {
      failed(problem);
      await queryClient.invalidateQueries({ queryKey: settingsKey });
    }
  }

  const shared = { allowDeselect: false, readOnly: !may } as const;
  return (
    <div className={kit.form}>
      <Select
        {...shared}
        label={t("settings.region")}
        description={t("settings.region_hint")}
        data={regionOptions()}
        value={settings.region}
        searchable
        nothingFoundMessage={t("settings.no_region")}
        onChange={(region) => region && void change({ region })}
      />
      <Select
        {...shared}
        label={t("settings.time_zone")}
        description={t("settings.time_zone_hint")}
        data={timeZoneOptions()}
        value={settings.time_zone}
        searchable
        nothingFoundMessage={t("settings.no_time_zone")}
        onChange={(time_zone) => time_zone && void change({ time_zone })}
      />
      <Select
        {...shared}
        label={t("settings.language")}
        description={t("settings.language_hint")}
        data={[
          { value: "en", label: "English" },
          { value: "fa", label: "فارسی" },
        ]}
        value={settings.language}
        onChange={(language) => language && void change({ language: language as Settings["language"] })}
      />
      <Select
        {...shared}
        label={t("settings.calendar")}
        description={t("settings.calendar_hint")}
        data={[
          { value: "gregorian", label: t("settings.calendar.gregorian") },
          { value: "jalali", label: t("settings.calendar.jalali") },
        ]}
        value={settings.calendar}
        onChange={(calendar) => calendar && void change({ calendar: calendar as Settings["calendar"] })}
      />
      {may ? null : <p className={kit.meta}>{t("settings.read_only")}</p>}
    </div>
  );
}
