import { Button, Group, Modal } from "@mantine/core";
import { useFields, useLists } from "../../api/queries.ts";
import type { Contact, FieldValue } from "../../api/types.ts";
import { t } from "../../i18n/i18n.tsx";
import { fieldLabel } from "../../timeline/title.tsx";
import { U } from "../../ui/text.tsx";
import { valueText } from "../customers/columns.tsx";
import classes from "./Conflict.module.css";
import { places } from "./patch.ts";
import type { Conflict as ConflictOf } from "./useCustomer.ts";

type Props = { conflict: ConflictOf | null; onResolve: (keep: "mine" | "theirs") => void };

/** Two people changed the same place: both versions side by side, one of them is chosen. */
export function Conflict({ conflict, onResolve }: Props) {
  const show = useShown();
  return (
    <Modal
      opened={conflict !== null}
      onClose={() => onResolve("theirs")}
      size={560}
      title={t("common.conflict_title")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {conflict && (
        <>
          <p>{t("common.conflict_text")}</p>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{t("customer.field")}</th>
                <th scope="col">{t("common.conflict_theirs")}</th>
                <th scope="col">{t("common.conflict_mine")}</th>
              </tr>
            </thead>
            <tbody>
              {places(conflict.theirs, conflict.mine).map(({ path, mine, theirs }) => (
                <tr key={path}>
                  <th scope="row">
                    <U>{show.label(path)}</U>
                  </th>
                  <td>
                    <U>{show.value(path, theirs)}</U>
                  </td>
                  <td>
                    <U>{show.value(path, mine)}</U>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <Group justify="flex-end" gap="sm" mt="lg">
            <Button data-autofocus variant="default" onClick={() => onResolve("theirs")}>
              {t("common.conflict_keep_theirs")}
            </Button>
            <Button onClick={() => onResolve("mine")}>{t("common.conflict_keep_mine")}</Button>
          </Group>
        </>
      )}
    </Modal>
  );
}

/** Any value of a customer as text. */
export function useShown() {
  const fields = useFields().data ?? [];
  const lists = useLists().data ?? [];
  const value = (path: string, said: unknown): string => {
    const id = path.slice(path.indexOf(".") + 1);
    const field = fields.find((one) => one.id === id);
    if (said === null || said === undefined || said === "") return "–";
    if (field) return valueText(said as FieldValue, field, lists);
    if (path === "contacts") return (said as Contact[]).map((one) => one.value).join(t("common.comma"));
    if (Array.isArray(said)) return said.length.toString();
    if (typeof said === "boolean") return said ? t("common.yes") : t("common.no");
    return typeof said === "object"
      ? Object.values(said).filter(Boolean).join(t("common.comma"))
      : String(said);
  };
  return { label: (path: string) => fieldLabel(path, fields), value };
}
