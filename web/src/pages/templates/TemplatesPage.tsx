/** Templates: texts written once, with variables, tried with a real customer before anybody gets them. */
import { Button } from "@mantine/core";
import { IconFileText, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useCan } from "@/app/session.tsx";
import { ago } from "@/i18n/format.ts";
import { t } from "@/i18n/i18n.tsx";
import { Page } from "@/ui/Page.tsx";
import { Empty, Failure, Lines } from "@/ui/states.tsx";
import kit from "../kit/kit.module.css";
import { type Template, useTemplates } from "../messages/api.ts";
import { TemplateEditor } from "./TemplateEditor.tsx";
import css from "./templates.module.css";

export default function TemplatesPage() {
  const templates = useTemplates();
  const can = useCan();
  const [open, setOpen] = useState<Template | "new" | null>(null);
  const items = templates.data ?? [];
  const shown = open === "new" ? null : (items.find((one) => one.id === open?.id) ?? open);
  const isOpen = open !== null;
  return (
    <Page
      layout={isOpen ? "wide" : "text"}
      title={t("messages.templates")}
      actions={
        can("templates.edit") ? (
          <Button leftSection={<IconPlus size={16} stroke={2} />} onClick={() => setOpen("new")}>
            {t("messages.new_template")}
          </Button>
        ) : null
      }
    >
      {templates.isPending ? <Lines count={5} /> : null}
      {templates.isError ? <Failure error={templates.error} retry={() => void templates.refetch()} /> : null}
      {templates.isSuccess && items.length === 0 && !isOpen ? (
        <Empty icon={IconFileText} title={t("messages.no_templates")} text={t("messages.no_templates_text")}>
          {can("templates.edit") ? (
            <Button onClick={() => setOpen("new")}>{t("messages.new_template")}</Button>
          ) : null}
        </Empty>
      ) : null}
      <div className={css.layout} data-open={isOpen || undefined}>
        {items.length > 0 ? (
          <ul className={`${kit.list} ${css.list}`}>
            {items.map((one) => (
              <li key={one.id}>
                <button
                  type="button"
                  className={css.item}
                  aria-current={shown?.id === one.id || undefined}
                  onClick={() => setOpen(one)}
                >
                  <bdi className={css.name}>{one.name}</bdi>
                  <span className={css.body} dir="auto">
                    {one.body}
                  </span>
                  <span className={kit.meta}>{ago(one.updated_at)}</span>
                </button>
              </li>
            ))}
          </ul>
        ) : null}
        {isOpen ? (
          <TemplateEditor
            key={shown ? `${shown.id}@${shown.version}` : "new"}
            template={shown}
            onSaved={setOpen}
            onClose={() => setOpen(null)}
          />
        ) : null}
      </div>
    </Page>
  );
}
