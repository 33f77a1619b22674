/** How to reach a customer: every number and address with its label; one primary a kind; edited in place. */
import { ActionIcon, Button, CopyButton, Menu, Select, TextInput, Tooltip } from "@mantine/core";
import {
  IconCheck,
  IconCopy,
  IconDots,
  IconPencil,
  IconPlus,
  IconStar,
  IconTrash,
} from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { Problem } from "../../api/client.ts";
import { explain } from "../../api/explain.ts";
import type { Contact, ContactKind, Customer } from "../../api/types.ts";
import { CONTACT_KINDS, contactLabel, contactPicture, isLtr } from "../../customer-form/contacts.ts";
import { t } from "../../i18n/i18n.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Notice } from "../../ui/states.tsx";
import { Ltr, U } from "../../ui/text.tsx";
import classes from "./ContactsPanel.module.css";

type Props = {
  customer: Customer;
  editable: boolean;
  /** `base` is the customer as it was when the editing began. */
  onSave: (contacts: Contact[], what: "added" | "changed" | "removed", base: Customer) => Promise<unknown>;
};

export function ContactsPanel({ customer, editable, onSave }: Props) {
  const { contacts } = customer;
  const [edit, setEdit] = useState<{ at: number | "new"; base: Customer } | null>(null);
  const editing = edit?.at ?? null;
  const setEditing = (at: number | "new" | null) => setEdit(at === null ? null : { at, base: customer });
  const save = async (index: number | "new", contact: Contact) => {
    const base = edit?.base ?? customer;
    const before = base.contacts;
    const next =
      index === "new" ? [...before, contact] : before.map((one, at) => (at === index ? contact : one));
    await onSave(next, index === "new" ? "added" : "changed", base);
    setEdit(null);
  };
  const makePrimary = (index: number) => {
    const kind = contacts[index]?.kind;
    void onSave(
      contacts.map((one, at) => (one.kind === kind ? { ...one, primary: at === index } : one)),
      "changed",
      customer,
    ).catch(() => undefined);
  };
  return (
    <div>
      <ul>
        {contacts.map((contact, index) =>
          editing === index ? (
            <li key={`${contact.kind}${contact.value}`}>
              <ContactForm
                contact={contact}
                onSave={(next) => save(index, next)}
                onCancel={() => setEditing(null)}
              />
            </li>
          ) : (
            <ContactRow
              key={`${contact.kind}${contact.value}`}
              contact={contact}
              editable={editable}
              onEdit={() => setEditing(index)}
              onPrimary={() => makePrimary(index)}
              onRemove={() =>
                void onSave(
                  contacts.filter((_, at) => at !== index),
                  "removed",
                  customer,
                ).catch(() => undefined)
              }
            />
          ),
        )}
      </ul>
      {editing === "new" ? (
        <ContactForm contact={null} onSave={(next) => save("new", next)} onCancel={() => setEditing(null)} />
      ) : (
        editable && (
          <Button
            variant="subtle"
            color="gray"
            size="xs"
            leftSection={<IconPlus size={14} stroke={2} />}
            onClick={() => setEditing("new")}
          >
            {t("customer.add_contact")}
          </Button>
        )
      )}
    </div>
  );
}

type RowProps = {
  contact: Contact;
  editable: boolean;
  onEdit: () => void;
  onPrimary: () => void;
  onRemove: () => void;
};

function ContactRow({ contact, editable, onEdit, onPrimary, onRemove }: RowProps) {
  const Picture = contactPicture(contact.kind);
  return (
    <li className={classes.row}>
      <Tooltip label={contactLabel(contact.kind)}>
        <span className={classes.picture} role="img" aria-label={contactLabel(contact.kind)}>
          <Picture size={16} stroke={1.75} />
        </span>
      </Tooltip>
      <span className={classes.value}>
        {isLtr(contact.kind) ? <Ltr>{contact.value}</Ltr> : <U>{contact.value}</U>}
        {contact.label && (
          <span className={classes.label}>
            <U>{contact.label}</U>
          </span>
        )}
        {contact.primary && (
          <IconStar size={14} stroke={1.75} className={classes.star} aria-label={t("customer.primary")} />
        )}
        {contact.e164 === null && isNumber(contact.kind) && (
          <Badge tone="warn">{t("customer.not_a_number")}</Badge>
        )}
      </span>
      <span className={classes.actions}>
        <CopyButton value={contact.e164 || contact.value}>
          {({ copied, copy }) => (
            <ActionIcon size={26} aria-label={t("common.copy")} onClick={copy}>
              {copied ? <IconCheck size={14} stroke={1.75} /> : <IconCopy size={14} stroke={1.75} />}
            </ActionIcon>
          )}
        </CopyButton>
        {editable && (
          <Menu>
            <Menu.Target>
              <ActionIcon size={26} aria-label={t("customer.contact_menu", { value: contact.value })}>
                <IconDots size={14} stroke={1.75} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconPencil size={16} stroke={1.75} />} onClick={onEdit}>
                {t("common.edit")}
              </Menu.Item>
              {!contact.primary && (
                <Menu.Item leftSection={<IconStar size={16} stroke={1.75} />} onClick={onPrimary}>
                  {t("customer.make_primary")}
                </Menu.Item>
              )}
              <Menu.Item leftSection={<IconTrash size={16} stroke={1.75} />} onClick={onRemove}>
                {t("common.remove")}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </span>
    </li>
  );
}

function isNumber(kind: ContactKind): boolean {
  return kind === "phone" || kind === "mobile" || kind === "fax" || kind === "whatsapp";
}

type FormProps = {
  contact: Contact | null;
  onSave: (contact: Contact) => Promise<void>;
  onCancel: () => void;
};

function ContactForm({ contact, onSave, onCancel }: FormProps) {
  const [draft, setDraft] = useState<Contact>(contact ?? { kind: "mobile", value: "", label: null });
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!draft.value.trim()) return;
    setBusy(true);
    try {
      await onSave({ ...draft, value: draft.value.trim(), label: draft.label?.trim() || null });
    } catch (problem) {
      if (problem instanceof Problem && problem.code === "stale_version") return onCancel();
      setError(explain(problem));
      setBusy(false);
    }
  };
  return (
    <form
      className={classes.form}
      onSubmit={submit}
      onKeyDown={(event) => event.key === "Escape" && onCancel()}
    >
      <div className={classes.inputs}>
        <Select
          aria-label={t("customer.contact_kind")}
          data={CONTACT_KINDS.map((kind) => ({ value: kind, label: contactLabel(kind) }))}
          value={draft.kind}
          allowDeselect={false}
          onChange={(kind) => setDraft({ ...draft, kind: (kind ?? "mobile") as ContactKind })}
        />
        <TextInput
          autoFocus
          dir={isLtr(draft.kind) ? "ltr" : "auto"}
          aria-label={t("customer.contact_value")}
          value={draft.value}
          onChange={(event) => setDraft({ ...draft, value: event.currentTarget.value })}
        />
      </div>
      <TextInput
        dir="auto"
        aria-label={t("customer.contact_label")}
        placeholder={t("customer.contact_label")}
        value={draft.label ?? ""}
        onChange={(event) => setDraft({ ...draft, label: event.currentTarget.value })}
      />
      {error && <Notice>{error}</Notice>}
      <div className={classes.buttons}>
        <Button size="xs" variant="default" onClick={onCancel}>
          {t("common.cancel")}
        </Button>
        <Button size="xs" type="submit" loading={busy} disabled={!draft.value.trim()}>
          {t("common.save")}
        </Button>
      </div>
    </form>
  );
}
