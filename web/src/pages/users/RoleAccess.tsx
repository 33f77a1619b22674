/** The groups whose customers a role reaches: all of them, or chosen ones. */
import { Button, Modal, Switch } from "@mantine/core";
import { useState } from "react";
import type { GroupAccess as Access, Role } from "@/api/types.ts";
import { t } from "@/i18n/i18n.tsx";
import kit from "../kit/kit.module.css";

import { GroupAccess } from "./GroupAccess.tsx";

type Props = { role: Role; onSave: (access: Access[] | null) => void; onClose: () => void };

export function RoleAccess({ role, onSave, onClose }: Props) {
  const [every, setEvery] = useState(role.group_access === null);
  const [access, setAccess] = useState<Access[]>(role.group_access ?? []);
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t("users.access_of", { name: role.name })}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <div className={kit.form}>
        <Switch
          label={t("users.all_groups")}
          checked={every}
          onChange={(event) => setEvery(event.currentTarget.checked)}
        />
        {every ? null : <GroupAccess value={access} onChange={setAccess} />}
        <div className={kit.buttons}>
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button onClick={() => onSave(every ? null : access)}>{t("common.save")}</Button>
        </div>
      </div>
    </Modal>
  );
}
