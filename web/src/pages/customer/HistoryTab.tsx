/** Who changed what, when, from what to what, and by which means (C9). */
import { Button } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useGroups, useUserName } from "../../api/queries.ts";
import { keys } from "../../api/queryClient.ts";
import type { Change, Contact, Group, HistoryItem, Id, Page } from "../../api/types.ts";
import { dateTime } from "../../i18n/format.ts";
import { t } from "../../i18n/i18n.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Empty, Failure, Lines } from "../../ui/states.tsx";
import { U } from "../../ui/text.tsx";
import { useShown } from "./Conflict.tsx";
import classes from "./HistoryTab.module.css";

export function HistoryTab({ id }: { id: Id }) {
  const found = useInfiniteQuery({
    queryKey: keys.history(id),
    queryFn: async ({ pageParam }) =>
      (await api.get<Page<HistoryItem>>(`/customers/${id}/history`, { params: { after: pageParam } })).data,
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
  if (found.isLoading) return <Lines count={5} height={52} />;
  if (found.error) return <Failure compact error={found.error} retry={() => void found.refetch()} />;
  const items = found.data?.pages.flatMap((page) => page.items) ?? [];
  if (items.length === 0) return <Empty compact icon={IconHistory} title={t("customer.history_empty")} />;
  return (
    <ol className={classes.list}>
      {items.map((item) => (
        <Item key={item.version} item={item} />
      ))}
      {found.hasNextPage && (
        <Button
          variant="default"
          loading={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          {t("common.show_more")}
        </Button>
      )}
    </ol>
  );
}

function Item({ item }: { item: HistoryItem }) {
  const by = useUserName(item.by);
  return (
    <li className={classes.item}>
      <header className={classes.head}>
        <span className={classes.action}>{t(`customer.history_${item.action}`)}</span>
        <U>{by ?? ""}</U>
        <Means via={item.via} />
        <time dateTime={item.at}>{dateTime(item.at)}</time>
      </header>
      {item.changes.length > 0 && (
        <dl className={classes.changes}>
          {item.changes.map((change) => (
            <ChangeLine key={change.field} change={change} created={item.action === "created"} />
          ))}
        </dl>
      )}
    </li>
  );
}

/** By which means: a form needs no word. */
function Means({ via }: { via: string }) {
  const [kind, id] = via.split(":");
  if (kind === "import") {
    return (
      <Link to={`/import/${id}`}>
        <Badge tone="info">{t("customer.via_import")}</Badge>
      </Link>
    );
  }
  if (kind === "api_key") return <Badge>{t("customer.via_api_key")}</Badge>;
  return kind === "job" ? <Badge>{t("customer.via_job")}</Badge> : null;
}

function groupNames(ids: Id[], groups: Group[]): string {
  const names = ids.map((id) => groups.find((group) => group.id === id)?.name ?? t("query.hidden_group"));
  return names.join(t("common.comma")) || "–";
}

/** Lists are told by what came and what went, the rest by before and after. */
function ChangeLine({ change, created }: { change: Change; created: boolean }) {
  const show = useShown();
  const groups = useGroups().data ?? [];
  const text = (value: unknown) => {
    if (change.field === "groups") return groupNames((value as Id[] | null) ?? [], groups);
    if (change.field === "contacts") return contactsText(value as Contact[] | null);
    return show.value(change.field, value);
  };
  return (
    <div className={classes.change}>
      <dt>
        <U>{show.label(change.field)}</U>
      </dt>
      <dd>
        {!created && (
          <>
            <del>
              <U>{text(change.from)}</U>
            </del>
            <span className={`${classes.arrow} mirror`} aria-hidden>
              →
            </span>
          </>
        )}
        <ins>
          <U>{text(change.to)}</U>
        </ins>
      </dd>
    </div>
  );
}

function contactsText(contacts: Contact[] | null): string {
  return contacts?.map(({ value }) => `\u2066${value}\u2069`).join(t("common.comma")) || "–";
}
