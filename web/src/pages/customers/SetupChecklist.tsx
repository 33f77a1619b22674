/** The first day: what to set up, in the order in which one thing needs the other; the next step stands out. */
import { Button } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useFields, useGroups } from "../../api/queries.ts";
import { keys } from "../../api/queryClient.ts";
import type { AuditOut } from "../../api/schema.gen.ts";
import type { Page, User } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { number } from "../../i18n/format.ts";
import { t } from "../../i18n/i18n.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { settingsSeen } from "../kit/settingsSeen.ts";
import classes from "./SetupChecklist.module.css";

type Step = { name: "settings" | "groups" | "fields" | "users" | "import"; to: string; done: boolean };

/** The settings may be right as they come: looking at them is enough, as it is that anybody ever changed them. */
function useSettled(): boolean {
  const params = { action: "settings_changed", limit: 1 };
  const changed = useQuery({
    queryKey: ["audit", params],
    queryFn: async () => (await api.get<Page<AuditOut>>("/audit", { params })).data.items.length > 0,
    enabled: useCan()("audit.view"),
  });
  return settingsSeen.get() || changed.data === true;
}

function useSteps(): Step[] {
  const groups = useGroups();
  const fields = useFields();
  const settled = useSettled();
  const users = useQuery({
    queryKey: [...keys.users, "first"],
    queryFn: async () => (await api.get<Page<User>>("/users", { params: { limit: 2 } })).data.items,
  });
  return [
    {
      name: "settings",
      to: "/settings",
      done: settled,
    },
    { name: "groups", to: "/groups", done: Boolean(groups.data?.length) },
    { name: "fields", to: "/custom-fields", done: Boolean(fields.data?.length) },
    { name: "users", to: "/users", done: (users.data?.length ?? 0) > 1 },
    { name: "import", to: "/import", done: false },
  ];
}

export function SetupChecklist() {
  const steps = useSteps();
  const next = steps.find((step) => !step.done)?.name;
  return (
    <section className={classes.setup} aria-labelledby="setup">
      <h2 id="setup" className={classes.title}>
        {t("customers.setup_title")}
      </h2>
      <p className={classes.text}>{t("customers.setup_text")}</p>
      <ol className={classes.steps}>
        {steps.map(({ name, to, done }, index) => (
          <li
            key={name}
            className={classes.step}
            data-next={name === next || undefined}
            data-done={done || undefined}
          >
            <span className={classes.place} aria-hidden>
              {done ? <IconCheck size={16} stroke={2} /> : number(index + 1)}
            </span>
            <span className={classes.words}>
              <span className={classes.name}>{t(`customers.setup_${name}`)}</span>
              <span className={classes.why}>{t(`customers.setup_${name}_why`)}</span>
            </span>
            {done ? <Badge tone="ok">{t("customers.setup_done")}</Badge> : null}
            <Button
              component={Link}
              to={to}
              size="xs"
              variant={name === next ? "filled" : "default"}
              aria-label={t("customers.setup_open_named", { step: t(`customers.setup_${name}`) })}
            >
              {t(done ? "customers.setup_again" : "customers.setup_open")}
            </Button>
          </li>
        ))}
      </ol>
    </section>
  );
}
