/** Names by id, isolated; nothing while they are on their way. */
import { Link } from "@tanstack/react-router";
import { nameOf, useCustomerSummary, useUserName } from "@/api/queries.ts";
import type { Id } from "@/api/types.ts";
import { t } from "@/i18n/i18n.tsx";

export function UserName({ id }: { id: Id | null | undefined }) {
  return <bdi>{useUserName(id) ?? ""}</bdi>;
}

/** A customer's name as a link to the customer; says so when it is not visible. */
export function CustomerName({ id, plain }: { id: Id; plain?: boolean }) {
  const { data } = useCustomerSummary(id);
  if (data === undefined) return null;
  if (data === null) return <span>{t("messages.not_visible")}</span>;
  const name = <bdi>{nameOf(data)}</bdi>;
  if (plain) return name;
  return (
    <Link to="/customers/$id" params={{ id }}>
      {name}
    </Link>
  );
}
