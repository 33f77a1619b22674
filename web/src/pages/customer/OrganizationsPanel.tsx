/** A person's organizations with the position in each, or an organization's members (C1). */
import { ActionIcon, Button, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { nameOf, useCustomerSummary } from "../../api/queries.ts";
import { keys } from "../../api/queryClient.ts";
import type { Customer, Id, Member, OrganizationLink, Page } from "../../api/types.ts";
import { CustomerPicker } from "../../customer-form/CustomerPicker.tsx";
import { t } from "../../i18n/i18n.tsx";
import { Avatar } from "../../ui/Avatar.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Lines } from "../../ui/states.tsx";
import { U } from "../../ui/text.tsx";
import classes from "./OrganizationsPanel.module.css";

type Props = {
  customer: Customer;
  editable: boolean;
  onSave: (links: OrganizationLink[]) => Promise<unknown>;
};

export function OrganizationsPanel({ customer, editable, onSave }: Props) {
  const [adding, setAdding] = useState(false);
  const links = customer.organizations ?? [];
  const without = (id: Id) => links.filter((link) => link.id !== id);
  return (
    <div className={classes.list}>
      {links.map((link) => (
        <Organization
          key={link.id}
          link={link}
          editable={editable}
          onPosition={(position) =>
            void onSave(links.map((one) => (one.id === link.id ? { ...one, position } : one)))
          }
          onRemove={() => void onSave(without(link.id))}
        />
      ))}
      {adding ? (
        <CustomerPicker
          kind="organization"
          autoFocus
          exclude={links.map(({ id }) => id)}
          label={t("customer.pick_organization")}
          onPick={({ id }) => {
            setAdding(false);
            void onSave([...links, { id, position: null }]);
          }}
          onCancel={() => setAdding(false)}
        />
      ) : (
        editable && (
          <Button
            variant="subtle"
            color="gray"
            size="xs"
            leftSection={<IconPlus size={14} stroke={2} />}
            onClick={() => setAdding(true)}
          >
            {t("customer.add_organization")}
          </Button>
        )
      )}
    </div>
  );
}

type LinkProps = {
  link: OrganizationLink;
  editable: boolean;
  onPosition: (position: string | null) => void;
  onRemove: () => void;
};

function Organization({ link, editable, onPosition, onRemove }: LinkProps) {
  const { data } = useCustomerSummary(link.id);
  const [position, setPosition] = useState(link.position ?? "");
  const name = data ? nameOf(data) : "";
  return (
    <div className={classes.row}>
      <Avatar name={name} kind="organization" size={24} />
      <span className={classes.words}>
        {data ? (
          <Link to="/customers/$id" params={{ id: link.id }}>
            <U>{name}</U>
          </Link>
        ) : (
          <span>{data === null ? t("customer.hidden_customer") : ""}</span>
        )}
        {editable ? (
          <TextInput
            size="xs"
            variant="unstyled"
            dir="auto"
            value={position}
            aria-label={t("customer.position_in", { name })}
            placeholder={t("customer.field_position")}
            onChange={(event) => setPosition(event.currentTarget.value)}
            onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
            onBlur={() => position.trim() !== (link.position ?? "") && onPosition(position.trim() || null)}
          />
        ) : (
          <span className={classes.quiet}>
            <U>{position}</U>
          </span>
        )}
      </span>
      {editable && (
        <ActionIcon size={24} aria-label={t("customer.remove_organization", { name })} onClick={onRemove}>
          <IconX size={14} stroke={1.75} />
        </ActionIcon>
      )}
    </div>
  );
}

/** The members of an organization, page by page. */
export function Members({ id }: { id: Id }) {
  const found = useInfiniteQuery({
    queryKey: keys.members(id),
    queryFn: async ({ pageParam }) => {
      const params = { limit: 20, after: pageParam };
      return (await api.get<Page<Member>>(`/customers/${id}/members`, { params })).data;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
  if (found.isLoading) return <Lines count={2} height={34} />;
  const members = found.data?.pages.flatMap((page) => page.items) ?? [];
  if (members.length === 0) return <p className={classes.none}>{t("customer.no_members")}</p>;
  return (
    <div className={classes.list}>
      {members.map((member) => (
        <div key={member.id} className={classes.row}>
          <Avatar name={member.display_name} kind="person" size={24} />
          <span className={classes.words}>
            <Link to="/customers/$id" params={{ id: member.id }}>
              <U>{member.display_name || t("common.no_name")}</U>
            </Link>
            {member.position && (
              <span className={classes.quiet}>
                <U>{member.position}</U>
              </span>
            )}
          </span>
          {!member.enabled && <Badge>{t("common.disabled")}</Badge>}
        </div>
      ))}
      {found.hasNextPage && (
        <Button
          variant="subtle"
          size="xs"
          color="gray"
          loading={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          {t("common.show_more")}
        </Button>
      )}
    </div>
  );
}
