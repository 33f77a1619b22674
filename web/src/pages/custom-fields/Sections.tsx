/** Sections with their fields: dragged by the handle, moved by Alt and arrows or the menu, opened by Enter. */

import { DragDropProvider, useDroppable } from "@dnd-kit/react";
import { isSortable, useSortable } from "@dnd-kit/react/sortable";
import { ActionIcon, Button, Menu, TextInput } from "@mantine/core";
import { IconDots, IconGripVertical, IconPlus } from "@tabler/icons-react";
import { type FormEvent, type KeyboardEvent, type ReactNode, useState } from "react";
import type { CustomField, FieldSection, Id } from "@/api/types.ts";
import { sectionTitle } from "@/customer-form/sectionTitle.ts";
import { t } from "@/i18n/i18n.tsx";
import { Badge } from "@/ui/Badge.tsx";
import { failed } from "@/ui/toasts.tsx";
import kit from "../kit/kit.module.css";
import { changeField, changeSection, createSection, removeField, removeSection } from "./actions.ts";
import css from "./fields.module.css";
import { type Column, isElsewhere, type Landing, step } from "./order.ts";

type Props = {
  all: Column[];
  may: boolean;
  onEdit: (field: CustomField) => void;
  onNew: (section: Id) => void;
};

export function Sections({ all, may, onEdit, onNew }: Props) {
  const land = (field: CustomField, landing: Landing | null) => {
    if (landing && isElsewhere(all, field, landing)) void changeField(field, landing).catch(failed);
  };
  const byId = new Map(all.flatMap((column) => column.fields).map((field) => [field.id, field]));
  return (
    <DragDropProvider
      onDragEnd={({ operation, canceled }) => {
        const { source, target } = operation;
        const field = byId.get(String(source?.id));
        if (canceled || !field || !isSortable(source)) return;
        const empty = all.find(({ section, fields }) => section.id === target?.id && fields.length === 0);
        if (empty) land(field, { section_id: empty.section.id, position: 0 });
        else land(field, { section_id: String(source.group), position: source.index });
      }}
    >
      {all.map((column, place) => (
        <section key={column.section.id} className={css.section}>
          <SectionHead column={column} place={place} last={all.length - 1} may={may} onNew={onNew} />
          <Fields section={column.section.id} isEmpty={column.fields.length === 0}>
            {column.fields.map((field, index) => (
              <FieldRow
                key={field.id}
                field={field}
                index={index}
                may={may}
                onEdit={() => onEdit(field)}
                onStep={(by) => land(field, step(all, field, by))}
              />
            ))}
          </Fields>
        </section>
      ))}
    </DragDropProvider>
  );
}

/** The fields of a section; an empty one takes what is dropped on it. */
function Fields({ section, isEmpty, children }: { section: Id; isEmpty: boolean; children: ReactNode }) {
  const { ref, isDropTarget } = useDroppable({ id: section, accept: "field", disabled: !isEmpty });
  return (
    <ul ref={ref} className={css.fields} data-target={isDropTarget || undefined}>
      {isEmpty ? <li className={css.none}>{t("fields.section_empty")}</li> : children}
    </ul>
  );
}

type RowProps = {
  field: CustomField;
  index: number;
  may: boolean;
  onEdit: () => void;
  onStep: (by: -1 | 1) => void;
};

function FieldRow({ field, index, may, onEdit, onStep }: RowProps) {
  const { ref, handleRef, isDragging } = useSortable({
    id: field.id,
    index,
    group: field.section_id ?? "",
    type: "field",
    accept: "field",
    disabled: !may,
  });
  function key(event: KeyboardEvent) {
    if (!may || !event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    onStep(event.key === "ArrowUp" ? -1 : 1);
  }
  return (
    <li ref={ref} className={css.field} data-dragging={isDragging || undefined}>
      {may ? (
        <ActionIcon
          ref={handleRef}
          className={css.grip}
          tabIndex={-1}
          aria-label={t("fields.drag", { title: field.title })}
        >
          <IconGripVertical size={16} stroke={1.75} />
        </ActionIcon>
      ) : null}
      <button type="button" className={css.fieldButton} disabled={!may} onClick={onEdit} onKeyDown={key}>
        <bdi className={kit.strong}>{field.title}</bdi>
        <span className={kit.meta}>
          {t(`fields.type.${field.type}`)}
          {field.multiple ? ` · ${t("fields.several")}` : ""}
          {field.group_ids.length ? ` · ${t("fields.some_groups", { count: field.group_ids.length })}` : ""}
        </span>
      </button>
      {field.required ? <Badge tone="accent">{t("fields.required")}</Badge> : null}
      {field.visible_in_search ? <Badge>{t("fields.in_search")}</Badge> : null}
      {field.placement === "additional" ? <Badge>{t("fields.additional")}</Badge> : null}
      {may ? (
        <Menu>
          <Menu.Target>
            <ActionIcon aria-label={t("fields.actions_of", { title: field.title })}>
              <IconDots size={16} stroke={1.75} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={onEdit}>{t("common.edit")}</Menu.Item>
            <Menu.Item onClick={() => onStep(-1)}>{t("fields.up")}</Menu.Item>
            <Menu.Item onClick={() => onStep(1)}>{t("fields.down")}</Menu.Item>
            <Menu.Item color="red" onClick={() => void removeField(field).catch(failed)}>
              {t("common.remove")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      ) : null}
    </li>
  );
}

type HeadProps = { column: Column; place: number; last: number; may: boolean; onNew: (section: Id) => void };

function SectionHead({ column, place, last, may, onNew }: HeadProps) {
  const { section, fields } = column;
  const title = sectionTitle(section);
  const [editing, setEditing] = useState(false);
  return (
    <header className={css.sectionHead}>
      {editing ? (
        <RenameSection section={section} onClose={() => setEditing(false)} />
      ) : (
        <h2 className={css.sectionTitle}>
          <bdi>{title}</bdi>
        </h2>
      )}
      {may ? (
        <>
          <ActionIcon aria-label={t("fields.new_in", { title })} onClick={() => onNew(section.id)}>
            <IconPlus size={16} stroke={1.75} />
          </ActionIcon>
          <Menu>
            <Menu.Target>
              <ActionIcon aria-label={t("fields.actions_of", { title })}>
                <IconDots size={16} stroke={1.75} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => setEditing(true)}>{t("common.rename")}</Menu.Item>
              <Menu.Item
                disabled={place === 0}
                onClick={() => void changeSection(section, { position: place - 1 }).catch(failed)}
              >
                {t("fields.up")}
              </Menu.Item>
              <Menu.Item
                disabled={place === last}
                onClick={() => void changeSection(section, { position: place + 1 }).catch(failed)}
              >
                {t("fields.down")}
              </Menu.Item>
              {section.built_in || fields.length > 0 ? null : (
                <Menu.Item color="red" onClick={() => void removeSection(section).catch(failed)}>
                  {t("common.remove")}
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        </>
      ) : null}
    </header>
  );
}

function RenameSection({ section, onClose }: { section: FieldSection; onClose: () => void }) {
  const shown = sectionTitle(section);
  const [title, setTitle] = useState(shown);
  async function save() {
    const wanted = title.trim();
    if (wanted && wanted !== shown) await changeSection(section, { title: wanted }).catch(failed);
    onClose();
  }
  return (
    <TextInput
      className={kit.grow}
      aria-label={t("fields.section_name")}
      value={title}
      dir="auto"
      maxLength={200}
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setTitle(event.currentTarget.value)}
      onBlur={() => void save()}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") onClose();
      }}
    />
  );
}

export function NewSection() {
  const [title, setTitle] = useState("");
  async function create(event: FormEvent) {
    event.preventDefault();
    if (!title.trim()) return;
    try {
      await createSection(title.trim());
      setTitle("");
    } catch (problem) {
      failed(problem);
    }
  }
  return (
    <form className={kit.row} onSubmit={(event) => void create(event)}>
      <TextInput
        className={kit.grow}
        aria-label={t("fields.new_section")}
        placeholder={t("fields.new_section")}
        dir="auto"
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" disabled={!title.trim()}>
        {t("common.add")}
      </Button>
    </form>
  );
}
