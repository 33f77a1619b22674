/** Roles beside each other, every permission a row: what each may do, at a glance; own roles are changed in place. */

import { ActionIcon, Button, Checkbox, Menu, Modal, TextInput } from "@mantine/core";
import { IconCheck, IconDots, IconLock, IconPlus } from "@tabler/icons-react";
import { type FormEvent, Fragment, useState } from "react";
import { api, newIdempotencyKey } from "@/api/client.ts";
import { explain } from "@/api/explain.ts";
import { queryClient } from "@/api/queryClient.ts";
import type { Role } from "@/api/types.ts";
import { useCan } from "@/app/session.tsx";
import { t } from "@/i18n/i18n.tsx";
import { Confirm } from "@/ui/dialogs.tsx";
import { Failure, Lines, Notice } from "@/ui/states.tsx";
import { done, failed } from "@/ui/toasts.tsx";
import kit from "../kit/kit.module.css";
import { rolesKey, useAllRoles, usePermissions } from "./api.ts";
import { RoleAccess } from "./RoleAccess.tsx";
import css from "./users.module.css";
import { permissionText, roleText, sectionText } from "./words.ts";

const reload = () => queryClient.invalidateQueries({ queryKey: rolesKey.slice(0, 1) });

async function patchRole(role: Role, change: Partial<Role>): Promise<Role> {
  const { data } = await api.patch<Role>(`/roles/${role.id}`, change, { version: role.version });
  await reload();
  return data;
}

/** Changes a role and offers the way back. */
async function changeRole(role: Role, change: Partial<Role>): Promise<void> {
  const before = Object.fromEntries(Object.keys(change).map((key) => [key, role[key as keyof Role]]));
  try {
    const after = await patchRole(role, change);
    done(t("users.role_saved", { name: after.name }), () => patchRole(after, before));
  } catch (problem) {
    failed(problem);
    await reload();
  }
}

type Asked = { what: "rename" | "access" | "remove"; role: Role };

export function RoleMatrix() {
  const may = useCan()("roles.edit");
  const roles = useAllRoles();
  const sections = usePermissions();
  const [making, setMaking] = useState(false);
  const [asked, setAsked] = useState<Asked | null>(null);
  if (roles.isPending || sections.isPending) return <Lines count={12} />;
  const error = roles.error ?? sections.error;
  if (error || !roles.data || !sections.data)
    return <Failure error={error} retry={() => void roles.refetch()} />;
  const shown = roles.data;

  async function remove(role: Role) {
    setAsked(null);
    try {
      await api.delete(`/roles/${role.id}`, { version: role.version });
      done(t("users.role_removed", { name: role.name }));
    } catch (problem) {
      failed(problem);
    }
    await reload();
  }

  const toggle = (role: Role, permission: string, on: boolean) => {
    const rest = role.permissions.filter((one) => one !== permission);
    return changeRole(role, { permissions: on ? [...rest, permission] : rest });
  };

  return (
    <>
      <div className={kit.toolbar}>
        <p className={`${kit.quiet} ${kit.grow}`}>{t("users.roles_lead")}</p>
        {may ? (
          <Button leftSection={<IconPlus size={16} stroke={2} />} onClick={() => setMaking(true)}>
            {t("users.new_role")}
          </Button>
        ) : null}
      </div>
      <div className={kit.tableWrap}>
        <table className={`${kit.table} ${css.matrix}`}>
          <thead>
            <tr>
              <th scope="col">{t("users.permission")}</th>
              {shown.map((role) => (
                <th key={role.id} scope="col">
                  <span className={css.roleHead}>
                    <bdi>{roleText(role)}</bdi>
                    {role.built_in ? (
                      <IconLock size={14} stroke={1.75} aria-label={t("users.built_in")} />
                    ) : may ? (
                      <RoleMenu role={role} onAsk={(what) => setAsked({ what, role })} />
                    ) : null}
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sections.data.map((section) => (
              <Fragment key={section.section}>
                <tr className={css.sectionRow}>
                  <th scope="rowgroup" colSpan={shown.length + 1}>
                    {sectionText(section)}
                  </th>
                </tr>
                {section.permissions.map((permission) => (
                  <tr key={permission}>
                    <td>{permissionText(permission)}</td>
                    {shown.map((role) => (
                      <td key={role.id}>
                        <Cell role={role} permission={permission} may={may} onToggle={toggle} />
                      </td>
                    ))}
                  </tr>
                ))}
              </Fragment>
            ))}
            <tr className={css.sectionRow}>
              <th scope="rowgroup" colSpan={shown.length + 1}>
                {t("users.group_access")}
              </th>
            </tr>
            <tr>
              <td>{t("users.groups_of_role")}</td>
              {shown.map((role) => (
                <td key={role.id} data-quiet>
                  {role.group_access === null
                    ? t("users.all_groups")
                    : t("users.some_groups", { count: role.group_access.length })}
                </td>
              ))}
            </tr>
          </tbody>
        </table>
      </div>
      {making ? <NameDialog onClose={() => setMaking(false)} /> : null}
      {asked?.what === "rename" ? <NameDialog role={asked.role} onClose={() => setAsked(null)} /> : null}
      {asked?.what === "access" ? (
        <RoleAccess
          role={asked.role}
          onClose={() => setAsked(null)}
          onSave={(group_access) => void changeRole(asked.role, { group_access }).then(() => setAsked(null))}
        />
      ) : null}
      <Confirm
        opened={asked?.what === "remove"}
        danger
        title={t("users.role_remove_title", { name: asked?.role.name ?? "" })}
        confirm={t("common.remove")}
        onClose={() => setAsked(null)}
        onConfirm={() => asked && void remove(asked.role)}
      >
        {t("users.role_remove_text")}
      </Confirm>
    </>
  );
}

type CellProps = {
  role: Role;
  permission: string;
  may: boolean;
  onToggle: (role: Role, permission: string, on: boolean) => Promise<void>;
};

function Cell({ role, permission, may, onToggle }: CellProps) {
  const on = role.permissions.includes(permission);
  const label = t("users.permission_of", { permission: permissionText(permission), role: roleText(role) });
  if (role.built_in || !may) {
    return on ? (
      <IconCheck size={16} stroke={2} className={css.yes} aria-label={`${label}: ${t("common.yes")}`} />
    ) : (
      <span className={css.no} role="img" aria-label={`${label}: ${t("common.no")}`} />
    );
  }
  return (
    <Checkbox
      aria-label={label}
      checked={on}
      onChange={(event) => void onToggle(role, permission, event.currentTarget.checked)}
    />
  );
}

function RoleMenu({ role, onAsk }: { role: Role; onAsk: (what: Asked["what"]) => void }) {
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label={t("users.role_actions", { name: role.name })}>
          <IconDots size={16} stroke={1.75} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onAsk("rename")}>{t("common.rename")}</Menu.Item>
        <Menu.Item onClick={() => onAsk("access")}>{t("users.group_access")}</Menu.Item>
        <Menu.Item color="red" onClick={() => onAsk("remove")}>
          {t("common.remove")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function NameDialog({ role, onClose }: { role?: Role; onClose: () => void }) {
  const [name, setName] = useState(role?.name ?? "");
  const [refused, setRefused] = useState<unknown>(null);
  async function save(event: FormEvent) {
    event.preventDefault();
    setRefused(null);
    try {
      if (role) await patchRole(role, { name: name.trim() });
      else await api.post("/roles", { name: name.trim() }, { idempotencyKey: newIdempotencyKey() });
      await reload();
      done(t("users.role_saved", { name: name.trim() }));
      onClose();
    } catch (problem) {
      setRefused(problem);
    }
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(role ? "common.rename" : "users.new_role")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form className={kit.form} onSubmit={(event) => void save(event)}>
        <TextInput
          label={t("users.role_name")}
          description={role ? undefined : t("users.new_role_hint")}
          dir="auto"
          data-autofocus
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {refused ? <Notice>{explain(refused)}</Notice> : null}
        <div className={kit.buttons}>
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" disabled={!name.trim()}>
            {t("common.save")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
