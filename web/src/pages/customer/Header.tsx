import { ActionIcon, Button, Menu, Tooltip } from "@mantine/core";
import {
  IconArrowLeft,
  IconCircleCheck,
  IconCircleOff,
  IconDots,
  IconLink,
  IconMessage,
  IconNotes,
  IconPencil,
} from "@tabler/icons-react";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { nameOf, useUserName } from "../../api/queries.ts";
import { keys, queryClient } from "../../api/queryClient.ts";
import type { Customer } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { date } from "../../i18n/format.ts";
import { T, t } from "../../i18n/i18n.tsx";
import { Avatar } from "../../ui/Avatar.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { U } from "../../ui/text.tsx";
import { done, failed } from "../../ui/toasts.tsx";
import { passAudience, peopleAudience } from "../messages/audience.ts";
import classes from "./CustomerPage.module.css";

type Props = {
  customer: Customer;
  onLog: () => void;
  onEdit: () => void;
  onChanged: (customer: Customer) => void;
};

/** Who this is, and what one does with them most. */
export function Header({ customer, onLog, onEdit, onChanged }: Props) {
  const router = useRouter();
  const name = nameOf(customer);
  const role = [customer.position, customer.company_name].filter(Boolean).join(" · ");
  return (
    <header className={classes.header}>
      <Tooltip label={t("common.back")}>
        <ActionIcon size={32} aria-label={t("common.back")} onClick={() => router.history.back()}>
          <IconArrowLeft size={18} stroke={1.75} className="mirror" />
        </ActionIcon>
      </Tooltip>
      <Avatar name={name} kind={customer.kind} size={44} />
      <div className={classes.identity}>
        <div className={classes.nameLine}>
          <h1 className={classes.name}>
            <U>{name}</U>
          </h1>
          <Badge>{t(customer.kind === "organization" ? "common.organization" : "common.person")}</Badge>
          {!customer.enabled && <Badge tone="warn">{t("common.disabled")}</Badge>}
        </div>
        <p className={classes.role}>
          {role && <U>{role}</U>}
          <Created customer={customer} />
        </p>
      </div>
      <Actions customer={customer} onLog={onLog} onEdit={onEdit} onChanged={onChanged} />
    </header>
  );
}

function Created({ customer }: { customer: Customer }) {
  const by = useUserName(customer.created_by);
  const when = date(customer.created_at);
  return (
    <span>
      {by ? (
        <T id="customer.created_by" values={{ date: when, name: <U>{by}</U> }} />
      ) : (
        t("customer.created_on", { date: when })
      )}
    </span>
  );
}

/** Enables or disables whatever version there is; the other way round is the way back. */
async function setEnabled(id: string, enabled: boolean): Promise<Customer> {
  const { data: now } = await api.get<Customer>(`/customers/${id}`);
  const verb = enabled ? "enable" : "disable";
  const { data } = await api.post<Customer>(`/customers/${id}:${verb}`, {}, { version: now.version });
  return data;
}

function Actions({ customer, onLog, onEdit, onChanged }: Props) {
  const can = useCan();
  const navigate = useNavigate();
  const name = nameOf(customer);
  const write = () => {
    passAudience(peopleAudience([customer.id], name));
    void navigate({ to: "/messages/compose" });
  };
  const toggle = async () => {
    const next = !customer.enabled;
    try {
      onChanged(await setEnabled(customer.id, next));
      done(t(next ? "customer.enabled_done" : "customer.disabled_done", { name }), () =>
        setEnabled(customer.id, !next).then(onChanged),
      );
      void queryClient.invalidateQueries({ queryKey: keys.search, refetchType: "none" });
    } catch (error) {
      failed(error);
    }
  };
  return (
    <div className={classes.actions}>
      {can("messages.send") && (
        <Button
          variant="default"
          disabled={!customer.enabled}
          leftSection={<IconMessage size={16} stroke={1.75} />}
          onClick={write}
        >
          {t("customers.send_sms")}
        </Button>
      )}
      {can("entries.create") && (
        <Button variant="default" leftSection={<IconNotes size={16} stroke={1.75} />} onClick={onLog}>
          {t("customers.log_entry")}
        </Button>
      )}
      <Menu>
        <Menu.Target>
          <ActionIcon size={32} variant="default" aria-label={t("common.more")}>
            <IconDots size={16} stroke={1.75} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {can("customers.edit") && (
            <Menu.Item leftSection={<IconPencil size={16} stroke={1.75} />} onClick={onEdit}>
              {t("common.edit")}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconLink size={16} stroke={1.75} />}
            onClick={() => {
              void navigator.clipboard.writeText(location.href).then(() => done(t("common.copied")));
            }}
          >
            {t("customer.copy_link")}
          </Menu.Item>
          {can("customers.enable") && (
            <Menu.Item
              leftSection={
                customer.enabled ? (
                  <IconCircleOff size={16} stroke={1.75} />
                ) : (
                  <IconCircleCheck size={16} stroke={1.75} />
                )
              }
              onClick={() => void toggle()}
            >
              {t(customer.enabled ? "customer.disable" : "customer.enable")}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
