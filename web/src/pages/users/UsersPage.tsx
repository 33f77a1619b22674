/** Who works here, what each may do, and keys for other programs. */
import { Tabs } from "@mantine/core";
import { useState } from "react";
import { useCan } from "@/app/session.tsx";
import { t } from "@/i18n/i18n.tsx";
import { Page } from "@/ui/Page.tsx";
import kit from "../kit/kit.module.css";
import { ApiKeys } from "./ApiKeys.tsx";
import { RoleMatrix } from "./RoleMatrix.tsx";
import { UserList } from "./UserList.tsx";

type Tab = "users" | "roles" | "keys";

export default function UsersPage() {
  const can = useCan();
  const tabs: Tab[] = can("users.edit") ? ["users", "roles", "keys"] : ["roles", "keys"];
  const [tab, setTab] = useState<Tab>(tabs[0] ?? "keys");
  return (
    <Page
      title={t("users.title")}
      tabs={
        <Tabs value={tab} onChange={(value) => setTab(value as Tab)}>
          <Tabs.List>
            {tabs.map((one) => (
              <Tabs.Tab key={one} value={one}>
                {t(`users.tab.${one}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Tabs>
      }
    >
      <div className={kit.belowTabs}>
        {tab === "users" ? <UserList /> : null}
        {tab === "roles" ? <RoleMatrix /> : null}
        {tab === "keys" ? <ApiKeys /> : null}
      </div>
    </Page>
  );
}
