/** One custom field: its title, type and list, who has it, where it stands. */
import { Button, Checkbox, Drawer, SegmentedControl, Select, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Problem } from "@/api/client.ts";
import { explain } from "@/api/explain.ts";
import type { CustomField, FieldSection, FieldType, Id } from "@/api/types.ts";
import { sectionTitle } from "@/customer-form/sectionTitle.ts";
import { t } from "@/i18n/i18n.tsx";
import { Notice } from "@/ui/states.tsx";
import { GroupsPicker } from "../kit/GroupsPicker.tsx";
import kit from "../kit/kit.module.css";
import { changeField, createField, createList, type FieldBody } from "./actions.ts";
import { ListChoice, type ListDraft } from "./ListChoice.tsx";

const TYPES: FieldType[] = ["text", "integer", "boolean", "date", "list"];

type Props = { field: CustomField | null; section: Id; sections: FieldSection[]; onClose: () => void };

export function FieldDrawer({ field, section, sections, onClose }: Props) {
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="md"
      title={field ? <bdi>{field.title}</bdi> : t("fields.new")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <FieldForm field={field} section={section} sections={sections} onClose={onClose} />
    </Drawer>
  );
}

function FieldForm({ field, section, sections, onClose }: Props) {
  const [body, setBody] = useState<FieldBody>(() => ({
    title: field?.title ?? "",
    type: field?.type ?? "text",
    section_id: field?.section_id ?? section,
    group_ids: field?.group_ids ?? [],
    list: field?.list ?? null,
    multiple: field?.multiple ?? false,
    placement: field?.placement ?? "basic",
    required: field?.required ?? false,
    visible_in_search: field?.visible_in_search ?? false,
  }));
  const [draft, setDraft] = useState<ListDraft | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const set = (part: Partial<FieldBody>) => setBody({ ...body, ...part });
  const listReady =
    body.type !== "list" || body.list !== null || (draft?.name.trim() && draft.items.length > 0);

  async function save(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setRefused(null);
    try {
      if (body.type === "list" && draft) await createList(draft.name.trim(), draft.items);
      const list = body.type === "list" ? (draft ? draft.name.trim() : body.list) : null;
      const wanted = { ...body, title: body.title.trim(), list };
      if (draft) {
        setDraft(null);
        set({ list });
      }
      if (field) await changeField(field, changed(field, wanted));
      else await createField(wanted);
      onClose();
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
        label={t("fields.field_title")}
        dir="auto"
        data-autofocus
        maxLength={200}
        value={body.title}
        error={problem?.field("title")}
        onChange={(event) => set({ title: event.currentTarget.value })}
      />
      <Select
        label={t("fields.type")}
        description={t(`fields.type_hint.${body.type}`)}
        data={TYPES.map((value) => ({ value, label: t(`fields.type.${value}`) }))}
        value={body.type}
        allowDeselect={false}
        error={problem?.field("type")}
        onChange={(type) =>
          type && set({ type: type as FieldType, multiple: type !== "boolean" && body.multiple })
        }
      />
      {body.type === "list" ? (
        <ListChoice list={body.list} onList={(list) => set({ list })} draft={draft} onDraft={setDraft} />
      ) : null}
      <Select
        label={t("fields.section")}
        data={sections.map((one) => ({ value: one.id, label: sectionTitle(one) }))}
        value={body.section_id}
        allowDeselect={false}
        onChange={(section_id) => section_id && set({ section_id })}
      />
      <GroupsPicker
        label={t("fields.groups")}
        description={t("fields.groups_hint")}
        placeholder={t("fields.every_customer")}
        value={body.group_ids}
        onChange={(group_ids) => set({ group_ids })}
      />
      <div>
        <SegmentedControl
          fullWidth
          aria-label={t("fields.placement")}
          data={[
            { value: "basic", label: t("fields.basic") },
            { value: "additional", label: t("fields.additional") },
          ]}
          value={body.placement}
          onChange={(placement) => set({ placement: placement as FieldBody["placement"] })}
        />
        <p className={kit.meta}>{t(`fields.placement_hint.${body.placement}`)}</p>
      </div>
      <Checkbox
        label={t("fields.required_label")}
        checked={body.required}
        onChange={(event) => set({ required: event.currentTarget.checked })}
      />
      {body.type === "boolean" ? null : (
        <Checkbox
          label={t("fields.multiple_label")}
          checked={body.multiple}
          onChange={(event) => set({ multiple: event.currentTarget.checked })}
        />
      )}
      <Checkbox
        label={t("fields.search_label")}
        checked={body.visible_in_search}
        onChange={(event) => set({ visible_in_search: event.currentTarget.checked })}
      />
      {refused ? <Notice>{problem?.code === "in_use" ? t("fields.in_use") : explain(refused)}</Notice> : null}
      <div className={kit.buttons}>
        <Button variant="default" onClick={onClose}>
          {t("common.cancel")}
        </Button>
        <Button type="submit" loading={busy} disabled={!body.title.trim() || !listReady}>
          {t("common.save")}
        </Button>
      </div>
    </form>
  );
}

/** Only what differs: the rest stays as somebody else may have changed it. */
function changed(field: CustomField, wanted: FieldBody): Partial<FieldBody> {
  const entries = Object.entries(wanted).filter(
    ([key, value]) => JSON.stringify(field[key as keyof CustomField]) !== JSON.stringify(value),
  );
  return Object.fromEntries(entries);
}
