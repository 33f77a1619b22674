/** What an entry says in its first line: "Added to the group Partners", "Changed: city, phone". */
import type { ReactNode } from "react";
import { useFields, useGroups } from "../api/queries.ts";
import type { CustomField, Entry, Group } from "../api/types.ts";
import { known, type MessageKey, T, t } from "../i18n/i18n.tsx";
import { Ltr, U } from "../ui/text.tsx";
import { isKind } from "./kinds.ts";

/** A changed field's name: built-in ones are the console's words, custom ones their title. */
export function fieldLabel(name: string, fields: CustomField[]): string {
  if (name.startsWith("custom.") || name.startsWith("fields.")) {
    const id = name.slice(name.indexOf(".") + 1);
    return fields.find((field) => field.id === id)?.title ?? t("timeline.hidden_field");
  }
  const key = `customer.field_${name.replace("address.", "")}`;
  return known(key) ? t(key as MessageKey) : name;
}

function groupName(entry: Entry, groups: Group[]): string {
  return groups.find(({ id }) => id === entry.data.group_id)?.name ?? t("query.hidden_group");
}

function changed(entry: Entry, fields: CustomField[]): ReactNode {
  const names = (entry.data.fields as string[] | undefined) ?? [];
  if (names.length === 1 && names[0] === "enabled") {
    return t(entry.data.enabled ? "timeline.was_enabled" : "timeline.was_disabled");
  }
  const words = [...new Set(names.map((name) => fieldLabel(name, fields)))].join(t("common.comma"));
  return words ? (
    <T id="timeline.changed_fields" values={{ fields: <U>{words}</U> }} />
  ) : (
    t("timeline.kind_customer_changed")
  );
}

/** An entry's title, with users' values isolated. */
export function EntryTitle({ entry }: { entry: Entry }): ReactNode {
  const groups = useGroups().data ?? [];
  const fields = useFields().data ?? [];
  const address = entry.data.address;
  switch (entry.kind) {
    case "group_added":
      return <T id="timeline.group_added" values={{ group: <U>{groupName(entry, groups)}</U> }} />;
    case "group_removed":
      return <T id="timeline.group_removed" values={{ group: <U>{groupName(entry, groups)}</U> }} />;
    case "customer_changed":
      return changed(entry, fields);
    case "sms_sent":
      return <T id="timeline.sms_sent" values={{ address: <Ltr>{String(address ?? "")}</Ltr> }} />;
    case "sms_received":
      return <T id="timeline.sms_received" values={{ address: <Ltr>{String(address ?? "")}</Ltr> }} />;
    default:
      return isKind(entry.kind) ? t(`timeline.kind_${entry.kind}`) : entry.kind;
  }
}
