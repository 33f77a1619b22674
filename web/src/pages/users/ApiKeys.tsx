/** Keys for other programs: they act as who made them, with that person's rights or fewer. */
import { Button, Modal, MultiSelect, TextInput } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { api, newIdempotencyKey } from "@/api/client.ts";
import { explain } from "@/api/explain.ts";
import { queryClient } from "@/api/queryClient.ts";
import { useCan, useMe } from "@/app/session.tsx";
import { ago, date } from "@/i18n/format.ts";
import { t } from "@/i18n/i18n.tsx";
import { Confirm } from "@/ui/dialogs.tsx";
import { Empty, Failure, Lines, Notice } from "@/ui/states.tsx";
import { Ltr } from "@/ui/text.tsx";
import { done, failed } from "@/ui/toasts.tsx";
import kit from "../kit/kit.module.css";
import { UserName } from "../kit/names.tsx";
import { type ApiKey, apiKeysKey, useApiKeys } from "./api.ts";
import { Once } from "./Once.tsx";
import { permissionText } from "./words.ts";

const reload = () => queryClient.invalidateQueries({ queryKey: apiKeysKey });

export function ApiKeys() {
  const everybody = useCan()("users.edit");
  const found = useApiKeys(everybody);
  const [making, setMaking] = useState(false);
  const [removing, setRemoving] = useState<ApiKey | null>(null);
  async function remove(key: ApiKey) {
    setRemoving(null);
    try {
      await api.delete(`/api-keys/${key.id}`);
      done(t("users.key_removed", { name: key.name }));
    } catch (problem) {
      failed(problem);
    }
    await reload();
  }
  const make = (
    <Button leftSection={<IconPlus size={16} stroke={2} />} onClick={() => setMaking(true)}>
      {t("users.new_key")}
    </Button>
  );
  return (
    <>
      <div className={kit.toolbar}>
        <p className={`${kit.quiet} ${kit.grow}`}>{t("users.keys_lead")}</p>
        {found.data?.length ? make : null}
      </div>
      {found.isPending ? <Lines count={3} /> : null}
      {found.isError ? <Failure error={found.error} retry={() => void found.refetch()} /> : null}
      {found.data?.length === 0 ? (
        <Empty icon={IconKey} title={t("users.no_keys")} text={t("users.no_keys_text")}>
          {make}
        </Empty>
      ) : null}
      {found.data?.length ? (
        <div className={kit.tableWrap}>
          <table className={kit.table}>
            <thead>
              <tr>
                <th scope="col">{t("users.key")}</th>
                <th scope="col">{t("users.key_ends")}</th>
                <th scope="col">{t("users.key_of")}</th>
                <th scope="col">{t("users.key_rights")}</th>
                <th scope="col">{t("users.key_made")}</th>
                <th scope="col">{t("users.key_used")}</th>
                <th scope="col" data-actions>
                  <span className="visually-hidden">{t("common.remove")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {found.data.map((key) => (
                <tr key={key.id}>
                  <td className={kit.strong}>
                    <bdi>{key.name}</bdi>
                  </td>
                  <td>
                    <Ltr className={kit.mono}>…{key.hint}</Ltr>
                  </td>
                  <td>
                    <UserName id={key.user_id} />
                  </td>
                  <td data-quiet>
                    {key.permissions
                      ? t("users.key_some", { count: key.permissions.length })
                      : t("users.key_all")}
                  </td>
                  <td data-nowrap>{date(key.created_at)}</td>
                  <td data-nowrap>{key.last_used_at ? ago(key.last_used_at) : t("users.key_never")}</td>
                  <td data-actions>
                    <Button size="compact-sm" variant="subtle" color="red" onClick={() => setRemoving(key)}>
                      {t("common.remove")}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {making ? <NewKey onClose={() => setMaking(false)} /> : null}
      <Confirm
        opened={removing !== null}
        danger
        title={t("users.key_remove_title", { name: removing?.name ?? "" })}
        confirm={t("common.remove")}
        onClose={() => setRemoving(null)}
        onConfirm={() => removing && void remove(removing)}
      >
        {t("users.key_remove_text")}
      </Confirm>
    </>
  );
}

function NewKey({ onClose }: { onClose: () => void }) {
  const { permissions: own } = useMe();
  const [name, setName] = useState("");
  const [permissions, setPermissions] = useState<string[]>([]);
  const [made, setMade] = useState<string | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  async function make(event: FormEvent) {
    event.preventDefault();
    setRefused(null);
    try {
      const body = { name: name.trim(), permissions: permissions.length ? permissions : null };
      const { data } = await api.post<ApiKey & { key: string }>("/api-keys", body, {
        idempotencyKey: newIdempotencyKey(),
      });
      setMade(data.key);
      await reload();
    } catch (problem) {
      setRefused(problem);
    }
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("users.new_key")}
      closeOnClickOutside={made === null}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {made ? (
        <Once text={t("users.key_once")} secret={made} onDone={onClose} />
      ) : (
        <form className={kit.form} onSubmit={(event) => void make(event)}>
          <TextInput
            label={t("users.key_name")}
            placeholder={t("users.key_name_example")}
            dir="auto"
            data-autofocus
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <MultiSelect
            label={t("users.key_rights")}
            placeholder={permissions.length ? undefined : t("users.key_all")}
            description={t("users.key_rights_hint")}
            data={own.map((value) => ({ value, label: permissionText(value) }))}
            value={permissions}
            onChange={setPermissions}
            searchable
          />
          {refused ? <Notice>{explain(refused)}</Notice> : null}
          <div className={kit.buttons}>
            <Button variant="default" onClick={onClose}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" disabled={!name.trim()}>
              {t("users.make_key")}
            </Button>
          </div>
        </form>
      )}
    </Modal>
  );
}
