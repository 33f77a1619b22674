/** One account: name, roles, access to groups, disabling, a new password; a made password is shown once. */
import { Button, Drawer, MultiSelect, Switch, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { api, newIdempotencyKey, Problem } from "@/api/client.ts";
import { explain } from "@/api/explain.ts";
import { keys, queryClient } from "@/api/queryClient.ts";
import type { GroupAccess as Access, Id, User } from "@/api/types.ts";
import { useMe } from "@/app/session.tsx";
import { t } from "@/i18n/i18n.tsx";
import { Confirm } from "@/ui/dialogs.tsx";
import { Notice } from "@/ui/states.tsx";
import { done, failed } from "@/ui/toasts.tsx";
import kit from "../kit/kit.module.css";
import { useAllRoles } from "./api.ts";
import { GroupAccess } from "./GroupAccess.tsx";
import { Once } from "./Once.tsx";
import css from "./users.module.css";
import { roleText } from "./words.ts";

type Props = { user: User | null; onClose: () => void };

const reload = () => queryClient.invalidateQueries({ queryKey: keys.users });

export function UserDrawer({ user, onClose }: Props) {
  const [made, setMade] = useState<string | null>(null);
  const title = user ? user.name || user.username : t("users.new");
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="md"
      title={<bdi>{title}</bdi>}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {made ? (
        <Once text={t("users.password_once")} secret={made} onDone={onClose} />
      ) : (
        <UserForm user={user} onMade={setMade} onClose={onClose} />
      )}
    </Drawer>
  );
}

function UserForm({ user, onMade, onClose }: Props & { onMade: (password: string) => void }) {
  const me = useMe();
  const { data: roles = [] } = useAllRoles();
  const [username, setUsername] = useState(user?.username ?? "");
  const [name, setName] = useState(user?.name ?? "");
  const [email, setEmail] = useState(user?.email ?? "");
  const [chosen, setChosen] = useState<Id[]>(user?.roles ?? []);
  const [access, setAccess] = useState<Access[]>(user?.group_access ?? []);
  const [refused, setRefused] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const everyGroup = roles.some((role) => chosen.includes(role.id) && role.group_access === null);

  async function save(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setRefused(null);
    const said = { username: username.trim(), name: name.trim() || null, email: email.trim() || null };
    const body = { ...said, roles: chosen, group_access: access };
    try {
      const { data } = user
        ? await api.patch<User>(`/users/${user.id}`, body, { version: user.version })
        : await api.post<User>("/users", body, { idempotencyKey: newIdempotencyKey() });
      await reload();
      done(t(user ? "users.saved" : "users.created", { name: data.name || data.username }));
      if (data.password) onMade(data.password);
      else onClose();
    } catch (problem) {
      setRefused(problem);
    } finally {
      setBusy(false);
    }
  }

  const problem = refused instanceof Problem ? refused : null;
  return (
    <form className={kit.form} onSubmit={(event) => void save(event)}>
      <TextInput
        label={t("users.username")}
        description={t("users.username_hint")}
        dir="ltr"
        required
        withAsterisk={false}
        data-autofocus
        autoComplete="off"
        value={username}
        error={problem?.code === "name_taken" ? explain(problem) : problem?.field("username")}
        onChange={(event) => setUsername(event.currentTarget.value)}
      />
      <TextInput
        label={t("users.name")}
        dir="auto"
        value={name}
        error={problem?.field("name")}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label={t("users.email")}
        type="email"
        dir="ltr"
        value={email}
        error={problem?.field("email")}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <MultiSelect
        label={t("users.roles")}
        description={t("users.roles_hint")}
        searchable
        data={roles.map((role) => ({ value: role.id, label: roleText(role) }))}
        value={chosen}
        onChange={setChosen}
      />
      <fieldset className={css.part}>
        <legend className={css.legend}>{t("users.group_access")}</legend>
        <p className={kit.meta}>{t(everyGroup ? "users.every_group" : "users.group_access_hint")}</p>
        {everyGroup ? null : <GroupAccess value={access} onChange={setAccess} />}
      </fieldset>
      {refused && problem?.code !== "name_taken" ? <Notice>{explain(refused)}</Notice> : null}
      <div className={kit.buttons}>
        <Button variant="default" onClick={onClose}>
          {t("common.cancel")}
        </Button>
        <Button type="submit" loading={busy} disabled={!username.trim()}>
          {t(user ? "common.save" : "users.create")}
        </Button>
      </div>
      {user ? <Account user={user} own={user.id === me.user.id} onMade={onMade} onClose={onClose} /> : null}
    </form>
  );
}

type AccountProps = { user: User; own: boolean; onMade: (password: string) => void; onClose: () => void };

/** What is done to the account as a whole. */
function Account({ user, own, onMade, onClose }: AccountProps) {
  const [asked, setAsked] = useState<"reset" | "remove" | null>(null);

  async function run(action: () => Promise<unknown>) {
    try {
      await action();
    } catch (problem) {
      failed(problem);
    }
    setAsked(null);
    await reload();
  }

  const setDisabled = (disabled: boolean, version = user.version): Promise<unknown> =>
    api.patch<User>(`/users/${user.id}`, { disabled }, { version }).then(async ({ data }) => {
      await reload();
      done(t(disabled ? "users.disabled" : "users.enabled"), () => setDisabled(!disabled, data.version));
    });

  return (
    <fieldset className={css.part}>
      <legend className={css.legend}>{t("users.account")}</legend>
      <Switch
        label={t("users.may_sign_in")}
        checked={!user.disabled}
        disabled={own}
        onChange={(event) => void run(() => setDisabled(!event.currentTarget.checked))}
      />
      <div className={kit.row}>
        <Button variant="default" onClick={() => setAsked("reset")}>
          {t("users.reset_password")}
        </Button>
        {own ? null : (
          <Button variant="subtle" color="red" onClick={() => setAsked("remove")}>
            {t("users.remove")}
          </Button>
        )}
      </div>
      <Confirm
        opened={asked !== null}
        danger={asked === "remove"}
        title={t(asked === "remove" ? "users.remove_title" : "users.reset_title", {
          name: user.name || user.username,
        })}
        confirm={t(asked === "remove" ? "users.remove" : "users.reset_password")}
        onClose={() => setAsked(null)}
        onConfirm={() =>
          void run(async () => {
            if (asked === "remove") {
              await api.delete(`/users/${user.id}`, { version: user.version });
              done(t("users.removed", { name: user.name || user.username }));
              onClose();
            } else {
              const { data } = await api.post<User>(`/users/${user.id}:reset-password`);
              if (data.password) onMade(data.password);
            }
          })
        }
      >
        {t(asked === "remove" ? "users.remove_text" : "users.reset_text")}
      </Confirm>
    </fieldset>
  );
}
