import { Button, Group, Modal, MultiSelect, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useRoles } from "../../api/queries.ts";
import type { Filter } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { t } from "../../i18n/i18n.tsx";

export type Saved = Pick<Filter, "name" | "shared_with">;

type Props = {
  opened: boolean;
  /** The filter that is renamed; null when a new one is saved. */
  filter: Filter | null;
  busy: boolean;
  onSave: (saved: Saved) => void;
  onClose: () => void;
};

export function SaveFilter({ opened, filter, busy, onSave, onClose }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t(filter ? "customers.filter_edit" : "query.save_filter")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {opened && <Form filter={filter} busy={busy} onSave={onSave} onClose={onClose} />}
    </Modal>
  );
}

function Form({ filter, busy, onSave, onClose }: Omit<Props, "opened">) {
  const can = useCan();
  const roles = useRoles(can("filters.share") && can("roles.edit"));
  const [name, setName] = useState(filter?.name ?? "");
  const [sharedWith, setSharedWith] = useState(filter?.shared_with ?? []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) onSave({ name: name.trim(), shared_with: sharedWith });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          data-autofocus
          label={t("customers.filter_name")}
          description={filter ? undefined : t("customers.filter_live")}
          dir="auto"
          value={name}
          maxLength={100}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {roles.data && (
          <MultiSelect
            label={t("customers.filter_share")}
            placeholder={sharedWith.length ? undefined : t("customers.filter_private")}
            data={roles.data.map(({ id, name: label }) => ({ value: id, label }))}
            value={sharedWith}
            onChange={setSharedWith}
          />
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={busy} disabled={!name.trim()}>
            {t("common.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
