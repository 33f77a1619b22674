/** Custom fields: sections on one side, the form they make on the other, live. */
import { Button } from "@mantine/core";
import { IconForms, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useFields, useSections } from "@/api/queries.ts";
import type { CustomField, Id } from "@/api/types.ts";
import { useCan } from "@/app/session.tsx";
import { t } from "@/i18n/i18n.tsx";
import { Page } from "@/ui/Page.tsx";
import { Empty, Failure, Lines } from "@/ui/states.tsx";
import { Key } from "@/ui/text.tsx";
import kit from "../kit/kit.module.css";
import { FieldDrawer } from "./FieldDrawer.tsx";
import css from "./fields.module.css";
import { LiveForm } from "./LiveForm.tsx";
import { columns } from "./order.ts";
import { NewSection, Sections } from "./Sections.tsx";

type Open = { field: CustomField | null; section: Id };

export default function CustomFieldsPage() {
  const sections = useSections();
  const fields = useFields();
  const may = useCan()("fields.edit");
  const [open, setOpen] = useState<Open | null>(null);
  const error = sections.error ?? fields.error;
  const all = columns(sections.data ?? [], fields.data ?? []);
  const first = all[0]?.section.id;
  const isEmpty = fields.data?.length === 0;
  const newField =
    may && first ? (
      <Button
        leftSection={<IconPlus size={16} stroke={2} />}
        onClick={() => setOpen({ field: null, section: first })}
      >
        {t("fields.new")}
      </Button>
    ) : null;
  return (
    <Page title={t("fields.title")} actions={isEmpty ? null : newField}>
      <p className={kit.lead}>{t("fields.lead")}</p>
      {sections.isPending || fields.isPending ? <Lines count={8} /> : null}
      {error ? <Failure error={error} retry={() => void fields.refetch()} /> : null}
      {isEmpty ? (
        <Empty icon={IconForms} title={t("fields.empty")} text={t("fields.empty_text")}>
          {newField}
        </Empty>
      ) : null}
      {all.length > 0 && fields.data && !isEmpty ? (
        <div className={css.layout}>
          <div className={kit.stack}>
            <Sections
              all={all}
              may={may}
              onEdit={(field) => setOpen({ field, section: field.section_id ?? "" })}
              onNew={(section) => setOpen({ field: null, section })}
            />
            {may ? <NewSection /> : null}
            {may && fields.data.length > 1 ? (
              <p className={css.keys}>
                <Key>Alt ↑ ↓</Key> {t("fields.key_move")} · <Key>Enter</Key> {t("fields.key_edit")}
              </p>
            ) : null}
          </div>
          <LiveForm all={all} />
        </div>
      ) : null}
      {open ? (
        <FieldDrawer
          key={open.field?.id ?? "new"}
          field={open.field ? (fields.data?.find((one) => one.id === open.field?.id) ?? open.field) : null}
          section={open.section}
          sections={all.map((column) => column.section)}
          onClose={() => setOpen(null)}
        />
      ) : null}
    </Page>
  );
}
