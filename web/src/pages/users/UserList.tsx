/** Users as rows; one opens in a drawer where everything about the account is changed. */

import { Button, UnstyledButton } from "@mantine/core";
import { IconPlus, IconUsers } from "@tabler/icons-react";
import { useState } from "react";
import type { User } from "@/api/types.ts";
import { ago } from "@/i18n/format.ts";
import { t } from "@/i18n/i18n.tsx";
import { Avatar } from "@/ui/Avatar.tsx";
import { Badge } from "@/ui/Badge.tsx";
import { Empty, Failure, Lines } from "@/ui/states.tsx";
import { Ltr } from "@/ui/text.tsx";
import kit from "../kit/kit.module.css";
import { listed } from "../kit/listed.ts";
import { useAllRoles, useUsers } from "./api.ts";
import { UserDrawer } from "./UserDrawer.tsx";
import css from "./users.module.css";
import { roleText } from "./words.ts";

export function UserList() {
  const users = useUsers();
  const { data: roles = [] } = useAllRoles();
  const [open, setOpen] = useState<User | "new" | null>(null);
  if (users.isPending) return <Lines count={6} height={44} />;
  if (users.isError) return <Failure error={users.error} retry={() => void users.refetch()} />;
  const rolesOf = (user: User) => listed(roles.filter((role) => user.roles.includes(role.id)).map(roleText));
  return (
    <>
      <div className={kit.toolbar}>
        <p className={`${kit.quiet} ${kit.grow}`}>{t("users.count", { count: users.data.length })}</p>
        <Button leftSection={<IconPlus size={16} stroke={2} />} onClick={() => setOpen("new")}>
          {t("users.new")}
        </Button>
      </div>
      <ul className={kit.list}>
        {users.data.map((user) => (
          <li key={user.id}>
            <UnstyledButton
              className={css.user}
              data-off={user.disabled || undefined}
              onClick={() => setOpen(user)}
            >
              <Avatar name={user.name || user.username} kind="person" size={28} />
              <span className={css.who}>
                <bdi className={kit.strong}>{user.name || user.username}</bdi>
                <span className={kit.meta}>
                  <Ltr>{user.username}</Ltr>
                  {user.email ? (
                    <>
                      {" · "}
                      <Ltr>{user.email}</Ltr>
                    </>
                  ) : null}
                </span>
              </span>
              <span className={css.roles}>{rolesOf(user)}</span>
              <span>
                {user.disabled ? <Badge>{t("common.disabled")}</Badge> : null}
                {user.password_change_required && !user.disabled ? (
                  <Badge tone="warn">{t("users.never_signed_in")}</Badge>
                ) : null}
              </span>
              <span className={css.seen}>{user.last_sign_in_at ? ago(user.last_sign_in_at) : ""}</span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
      {users.data.length === 1 ? (
        <Empty icon={IconUsers} compact title={t("users.alone")} text={t("users.alone_text")} />
      ) : null}
      {open ? (
        <UserDrawer
          key={open === "new" ? "new" : open.id}
          user={open === "new" ? null : (users.data.find((one) => one.id === open.id) ?? open)}
          onClose={() => setOpen(null)}
        />
      ) : null}
    </>
  );
}
