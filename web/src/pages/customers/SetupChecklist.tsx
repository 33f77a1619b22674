/** The first day: what to set up, in the order in which one thing needs the other; the next step stands out. */
import { Button } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useFields, useGroups } from "../../api/queries.ts";
import { keys } from "../../api/queryClient.ts";
import type { Page, Settings, User } from "../../api/types.ts";
import { number } from "../../i18n/format.ts";
import { t } from "../../i18n/i18n.tsx";
import { Badge } from "../../ui/Badge.tsx";
import classes from "./SetupChecklist.module.css";

/** The time zone of an installation that nobody has told where it is. */
const UNSET = "UTC";

type Step = { name: "settings" | "groups" | "fields" | "users" | "import"; to: string; done: boolean };

function useSteps(): Step[] {
  const groups = useGroups();
  const fields = useFields();
  const settings = useQuery({
    queryKey: ["settings"],
    queryFn: async () => (await api.get<Settings>("/settings")).data,
  });
  const users = useQuery({
    queryKey: [...keys.users, "first"],
    queryFn: async () => (await api.get<Page<User>>("/users", { params: { limit: 2 } })).data.items,
  });
  return [
    {
      name: "settings",
      to: "/settings",
      done: settings.data !== undefined && settings.data.time_zone !== UNSET,
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
