/** A look at a customer beside the list: who, how to reach them, what was last said. The list keeps the focus. */
import { ActionIcon, Button } from "@mantine/core";
import { IconArrowUpRight, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import { nameOf, useGroups } from "../../api/queries.ts";
import { keys } from "../../api/queryClient.ts";
import type { Customer, Entry, Page, SearchItem } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { t } from "../../i18n/i18n.tsx";
import { EntryLine } from "../../timeline/EntryLine.tsx";
import { Avatar } from "../../ui/Avatar.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Lines } from "../../ui/states.tsx";
import { Ltr, U } from "../../ui/text.tsx";
import classes from "./Peek.module.css";

type Props = { item: SearchItem; onClose: () => void; onOpen: () => void };

const LTR = new Set(["phone", "mobile", "fax", "whatsapp", "email", "website"]);

export function Peek({ item, onClose, onOpen }: Props) {
  const can = useCan();
  const groups = useGroups().data ?? [];
  const customer = useQuery({
    queryKey: keys.customer(item.id),
    queryFn: async () => (await api.get<Customer>(`/customers/${item.id}`)).data,
  });
  const name = nameOf(item);
  return (
    <aside className={classes.peek} aria-label={t("customers.peek", { name })}>
      <header className={classes.head}>
        <Avatar name={name} kind={item.kind} size={36} />
        <div className={classes.who}>
          <h2 className={classes.name}>
            <U>{name}</U>
          </h2>
          <p className={classes.role}>
            <U>{[item.position, item.company_name].filter(Boolean).join(" · ")}</U>
          </p>
        </div>
        <ActionIcon aria-label={t("common.close")} onClick={onClose}>
          <IconX size={16} stroke={1.75} />
        </ActionIcon>
      </header>
      <Button
        variant="default"
        fullWidth
        rightSection={<IconArrowUpRight size={16} stroke={1.75} className="mirror" />}
        onClick={onOpen}
      >
        {t("customers.open")}
      </Button>
      {customer.data ? (
        <dl className={classes.facts}>
          {customer.data.contacts.map((contact) => (
            <div key={`${contact.kind}${contact.value}`}>
              <dt>{contact.label || t(`customer.contact_${contact.kind}`)}</dt>
              <dd>{LTR.has(contact.kind) ? <Ltr>{contact.value}</Ltr> : <U>{contact.value}</U>}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <Lines count={3} height={30} />
      )}
      <div className={classes.groups}>
        {item.groups.map((id) => (
          <Badge key={id}>
            <U>{groups.find((group) => group.id === id)?.name ?? ""}</U>
          </Badge>
        ))}
      </div>
      {can("entries.view") && <Latest id={item.id} />}
    </aside>
  );
}

function Latest({ id }: { id: string }) {
  const { data } = useQuery({
    queryKey: [...keys.timeline(id), "latest"],
    queryFn: async () =>
      (await api.get<Page<Entry>>(`/customers/${id}/timeline`, { params: { limit: 4 } })).data.items,
  });
  return (
    <section>
      <h3 className={classes.title}>{t("customers.latest")}</h3>
      {data ? (
        data.map((entry) => <EntryLine key={entry.id} entry={entry} />)
      ) : (
        <Lines count={3} height={40} />
      )}
      {data?.length === 0 && <p className={classes.role}>{t("timeline.empty_short")}</p>}
    </section>
  );
}
