/** What a row of customers can show. The name is always there; the rest is chosen and ordered by each person. */
import type { ReactNode } from "react";
import { useFields, useGroups, useLists, useUserName } from "../../api/queries.ts";
import type { CustomField, FieldValue, Group, List, SearchItem } from "../../api/types.ts";
import { ago, date, day, number } from "../../i18n/format.ts";
import { t } from "../../i18n/i18n.tsx";
import { Figure, Ltr, U } from "../../ui/text.tsx";
import { GroupBadges } from "./GroupBadges.tsx";

export type Column = {
  id: string;
  label: string;
  width: number;
  /** The search's sort field, when one can sort by it. */
  sort?: string;
  end?: boolean;
  cell: (item: SearchItem) => ReactNode;
};

export const DEFAULT_COLUMNS = ["phone", "email", "city", "groups", "created_at"];

function Author({ id }: { id: string | null | undefined }) {
  return <U>{useUserName(id) ?? ""}</U>;
}

function text(value: string | null | undefined): ReactNode {
  return value ? <U>{value}</U> : null;
}

export function builtInColumns(groups: Group[]): Column[] {
  return [
    {
      id: "phone",
      label: t("query.field_phone"),
      width: 150,
      cell: (item) => item.phone && <Ltr>{item.phone}</Ltr>,
    },
    {
      id: "email",
      label: t("query.field_email"),
      width: 220,
      sort: "email",
      cell: (item) => item.email && <Ltr>{item.email}</Ltr>,
    },
    { id: "city", label: t("query.field_city"), width: 120, sort: "city", cell: (item) => text(item.city) },
    {
      id: "groups",
      label: t("customers.column_groups"),
      width: 210,
      cell: (item) => <GroupBadges ids={item.groups} groups={groups} />,
    },
    {
      id: "company_name",
      label: t("query.field_company_name"),
      width: 170,
      sort: "company_name",
      cell: (item) => text(item.company_name),
    },
    {
      id: "position",
      label: t("query.field_position"),
      width: 140,
      sort: "position",
      cell: (item) => text(item.position),
    },
    {
      id: "title",
      label: t("query.field_title"),
      width: 90,
      sort: "title",
      cell: (item) => text(item.title),
    },
    {
      id: "kind",
      label: t("query.field_kind"),
      width: 110,
      sort: "kind",
      cell: (item) => t(item.kind === "organization" ? "common.organization" : "common.person"),
    },
    {
      id: "created_at",
      label: t("query.field_created_at"),
      width: 130,
      sort: "created_at",
      cell: (item) => item.created_at && <span title={ago(item.created_at)}>{date(item.created_at)}</span>,
    },
    {
      id: "updated_at",
      label: t("query.field_updated_at"),
      width: 130,
      sort: "updated_at",
      cell: (item) => item.updated_at && <span>{ago(item.updated_at)}</span>,
    },
    {
      id: "created_by",
      label: t("query.field_created_by"),
      width: 140,
      cell: (item) => <Author id={item.created_by} />,
    },
  ];
}

/** A custom field's value as text in the person's language. */
export function valueText(value: FieldValue | undefined | null, field: CustomField, lists: List[]): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map((one) => valueText(one, field, lists)).join(t("common.comma"));
  if (typeof value === "boolean") return value ? t("common.yes") : t("common.no");
  if (typeof value === "number") return number(value);
  if (field.type === "date") return day(value);
  if (field.type !== "list") return value;
  const items = lists.find(({ name }) => name === field.list)?.items;
  return items?.find(({ id }) => id === value)?.label ?? value;
}

function customColumn(field: CustomField, lists: List[]): Column {
  const isNumber = field.type === "integer";
  return {
    id: `custom.${field.id}`,
    label: field.title,
    width: 150,
    end: isNumber,
    cell: (item) => {
      const said = valueText(item.fields[field.id], field, lists);
      return isNumber ? <Figure>{said}</Figure> : text(said);
    },
  };
}

/** Every column there is: built-in ones, then custom fields that are shown in search. */
export function useAllColumns(): Column[] {
  const groups = useGroups().data ?? [];
  const fields = useFields().data ?? [];
  const lists = useLists().data ?? [];
  const custom = fields.filter(({ retired }) => !retired).map((field) => customColumn(field, lists));
  return [...builtInColumns(groups), ...custom];
}
