/** Everything that is known of a customer, each thing edited where it stands. */
import { Select, Textarea } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Problem } from "../../api/client.ts";
import { explain } from "../../api/explain.ts";
import { nameOf, useCustomerSummary, useFields, useSections } from "../../api/queries.ts";
import type { Customer, Group } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { CustomerPicker } from "../../customer-form/CustomerPicker.tsx";
import { t } from "../../i18n/i18n.tsx";
import { Notice } from "../../ui/states.tsx";
import { U } from "../../ui/text.tsx";
import { done, failed } from "../../ui/toasts.tsx";
import { ConsentPart } from "../messages/Consent.tsx";
import { ContactsPanel } from "./ContactsPanel.tsx";
import classes from "./CustomerPage.module.css";
import rows from "./FieldRow.module.css";
import { FieldRow } from "./FieldRow.tsx";
import { type FieldView, sectionsOf, viewed } from "./fieldList.ts";
import { GroupsPanel } from "./GroupsPanel.tsx";
import { Members, OrganizationsPanel } from "./OrganizationsPanel.tsx";
import { inverse, type Patch, plainContacts } from "./patch.ts";
import type { Change } from "./useCustomer.ts";

type Props = { customer: Customer; change: Change };

const VIEWS: FieldView[] = ["all", "filled", "empty", "basic", "additional"];

/** Saves, says so, and offers the way back. */
function useTold({ customer, change }: Props) {
  return async (patch: Patch, told: string, base = customer) => {
    const back = inverse(base, patch);
    try {
      await change(patch, base);
      done(told, () => change(back));
    } catch (error) {
      const shown = error instanceof Problem && error.code === "stale_version";
      if (!shown) failed(error);
      throw error;
    }
  };
}

export function Details({ customer, change }: Props) {
  const can = useCan();
  const editable = can("customers.edit");
  const told = useTold({ customer, change });
  const quietly = (patch: Patch, words: string) => told(patch, words).catch(() => undefined);
  const mobile = customer.contacts.find(({ kind, e164 }) => kind === "mobile" && e164);
  return (
    <div className={classes.details}>
      <Part title={t("customer.contacts")}>
        <ContactsPanel
          customer={customer}
          editable={editable}
          onSave={(contacts, what, base) =>
            told({ contacts: plainContacts(contacts) }, t(`customer.contact_${what}`), base)
          }
        />
        {mobile?.e164 && (can("messages.view") || can("consent.edit")) && (
          <div className={classes.consent}>
            <ConsentPart address={mobile.e164} />
          </div>
        )}
      </Part>
      <Part title={t("query.field_group")}>
        <GroupsPanel
          ids={customer.groups}
          editable={editable}
          onAdd={(group: Group) =>
            void quietly(
              { groups: [...customer.groups, group.id] },
              t("customer.group_added", { name: group.name }),
            )
          }
          onRemove={(group: Group) =>
            void quietly(
              { groups: customer.groups.filter((id) => id !== group.id) },
              t("customer.group_removed", { name: group.name }),
            )
          }
        />
      </Part>
      <Fields customer={customer} change={change} editable={editable} />
      {customer.kind === "person" ? (
        <Part title={t("customer.organizations")}>
          <OrganizationsPanel
            customer={customer}
            editable={editable}
            onSave={(organizations) => quietly({ organizations }, t("common.saved"))}
          />
        </Part>
      ) : (
        <Part title={t("customer.members")}>
          <Members id={customer.id} />
        </Part>
      )}
      <Part title={t("customer.more")}>
        <Related
          customer={customer}
          editable={editable}
          onSave={(related_to) => quietly({ related_to }, t("common.saved"))}
        />
        <Description customer={customer} change={change} editable={editable} />
      </Part>
    </div>
  );
}

function Part({ title, actions, children }: { title: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className={classes.part}>
      <header className={classes.partHead}>
        <h2 className={classes.partTitle}>{title}</h2>
        {actions}
      </header>
      {children}
    </section>
  );
}

function Fields({ customer, change, editable }: Props & { editable: boolean }) {
  const [view, setView] = useState<FieldView>("all");
  const fields = useFields().data ?? [];
  const sections = useSections().data ?? [];
  const shown = viewed(sectionsOf(customer, fields, sections), view);
  const chooser = (
    <Select
      size="xs"
      className={classes.view}
      aria-label={t("customer.view")}
      data={VIEWS.map((value) => ({ value, label: t(`customer.view_${value}`) }))}
      value={view}
      allowDeselect={false}
      onChange={(next) => setView((next ?? "all") as FieldView)}
    />
  );
  if (shown.length === 0) {
    return (
      <Part title={t("customer.section_main")} actions={chooser}>
        <p className={classes.quiet}>{t("customer.view_nothing")}</p>
      </Part>
    );
  }
  return shown.map((section, index) => (
    <Part key={section.key} title={<U>{section.title}</U>} actions={index === 0 ? chooser : undefined}>
      <dl>
        {section.fields.map((field) => (
          <FieldRow
            key={field.key}
            field={field}
            customer={customer}
            editable={editable}
            onSave={(value, base) => change(field.patch(value), base)}
          />
        ))}
      </dl>
    </Part>
  ));
}

type RelatedProps = { customer: Customer; editable: boolean; onSave: (id: string | null) => void };

/** The organization a customer is related to. */
function Related({ customer, editable, onSave }: RelatedProps) {
  const [editing, setEditing] = useState(false);
  const { data } = useCustomerSummary(customer.related_to);
  const name = data ? nameOf(data) : customer.related_to ? t("customer.hidden_customer") : "";
  return (
    <div className={rows.row}>
      <span className={rows.label}>{t("customer.field_related_to")}</span>
      {editing ? (
        <CustomerPicker
          kind="organization"
          autoFocus
          exclude={[customer.id]}
          label={t("customer.pick_organization")}
          onPick={({ id }) => {
            setEditing(false);
            onSave(id);
          }}
          onCancel={() => {
            setEditing(false);
          }}
        />
      ) : (
        <button
          type="button"
          className={rows.read}
          data-empty={name === "" || undefined}
          disabled={!editable}
          onClick={() => setEditing(true)}
        >
          {name ? <U>{name}</U> : t("customer.add_value")}
        </button>
      )}
    </div>
  );
}

function Description({ customer, change, editable }: Props & { editable: boolean }) {
  const [draft, setDraft] = useState<string | null>(null);
  const [base, setBase] = useState(customer);
  const [error, setError] = useState<string | null>(null);
  const text = customer.description ?? "";
  const save = async () => {
    if (draft === null || draft.trim() === text) return setDraft(null);
    try {
      await change({ description: draft.trim() || null }, base);
      setDraft(null);
      setError(null);
    } catch (problem) {
      if (problem instanceof Problem && problem.code === "stale_version") setDraft(null);
      else setError(explain(problem));
    }
  };
  if (draft === null) {
    return (
      <button
        type="button"
        dir="auto"
        className={rows.read}
        data-empty={text === "" || undefined}
        disabled={!editable}
        aria-label={t("customer.edit_field", {
          field: t("query.field_description"),
          value: text || t("customer.add_description"),
        })}
        onClick={() => {
          setBase(customer);
          setDraft(text);
        }}
      >
        {text || t("customer.add_description")}
      </button>
    );
  }
  return (
    <>
      <Textarea
        autosize
        autoFocus
        minRows={3}
        dir="auto"
        value={draft}
        aria-label={t("query.field_description")}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={() => void save()}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save();
          if (event.key === "Escape") setDraft(null);
        }}
      />
      {error && <Notice>{error}</Notice>}
    </>
  );
}
