/** A condition as people say it: "City is Tehran or Karaj", "not in group Partners", "Created in the last 7 days". */
import { useGroups, useLists, useUserNames } from "../api/queries.ts";
import type { Condition, Group, GroupValue, List, Period, Query } from "../api/types.ts";
import { day, number } from "../i18n/format.ts";
import { t } from "../i18n/i18n.tsx";
import { type QueryField, shownOp, useQueryFields, VALUELESS } from "./fields.ts";
import { childrenOf, chipOf, modeOf } from "./tree.ts";

export type Wording = { field: string; op: string; value: string };

export type Known = {
  fields: QueryField[];
  groups: Group[];
  lists: List[];
  userName: (id: string) => string;
};

/** The three parts of a condition's sentence. */
export function wordingOf(condition: Condition, not: boolean, known: Known): Wording {
  const field = known.fields.find(({ name }) => name === condition.field);
  const negative = not !== (condition.op === "is_not");
  return {
    field: field?.label ?? condition.field,
    op: opWords(condition, field, negative),
    value: VALUELESS.has(condition.op) ? "" : valueWords(condition, field, known),
  };
}

export function opWords(
  condition: Pick<Condition, "op">,
  field: QueryField | undefined,
  not: boolean,
): string {
  const op = condition.op === "is_not" ? "is" : shownOp(condition.op);
  if (field?.kind === "instant" || field?.kind === "date") {
    const dated = op === "is" || op === "gte" || op === "lte" ? (`${op}_day` as const) : op;
    return t(`query.op_${not ? "not_" : ""}${dated}` as "query.op_is");
  }
  return t(`query.op_${not ? "not_" : ""}${op}` as "query.op_is");
}

function valueWords(condition: Condition, field: QueryField | undefined, known: Known): string {
  const { op, value } = condition;
  if (value === null || value === undefined) return "";
  if (op === "between" && Array.isArray(value)) {
    const [from, to] = value.map((one) => oneWord(one, field, known));
    return t("query.from_to", { from: from ?? "", to: to ?? "" });
  }
  if (Array.isArray(value)) return value.map((one) => oneWord(one, field, known)).join(t("query.or_joined"));
  if (typeof value === "object" && "unit" in value) return periodWords(value);
  return oneWord(value, field, known);
}

function periodWords({ amount, unit }: Period): string {
  return t(`query.period_${unit}`, { count: amount });
}

function oneWord(value: unknown, field: QueryField | undefined, known: Known): string {
  if (typeof value === "boolean") return value ? t("common.yes") : t("common.no");
  if (typeof value === "number") return number(value);
  switch (field?.kind) {
    case "group":
      return groupWord(value as GroupValue | string, known.groups);
    case "kind":
      return value === "organization" ? t("common.organization") : t("common.person");
    case "user":
      return value === "me" ? t("query.me") : known.userName(String(value));
    case "list":
      return optionWord(String(value), field, known.lists);
    case "date":
    case "instant":
      return day(String(value).slice(0, 10));
    default:
      return String(value);
  }
}

function groupWord(value: GroupValue | string, groups: Group[]): string {
  const id = typeof value === "string" ? value : value.id;
  const name = groups.find((one) => one.id === id)?.name ?? t("query.hidden_group");
  const deep = typeof value !== "string" && value.subgroups;
  return deep ? t("query.with_subgroups", { name }) : name;
}

function optionWord(id: string, field: QueryField, lists: List[]): string {
  const list = lists.find(({ name }) => name === field.custom?.list);
  return list?.items.find((item) => item.id === id)?.label ?? id;
}

/** A condition as one line. */
export function lineOf(wording: Wording): string {
  return [wording.field, wording.op, wording.value].filter(Boolean).join(" ");
}

/** A whole tree as one line, for titles and for naming what to remove. */
export function sentenceOf(query: Query, known: Known): string {
  const chip = chipOf(query);
  if (chip) return lineOf(wordingOf(chip.condition, chip.not, known));
  const node = query as Exclude<Query, Condition>;
  const parts = childrenOf(node).map((child) => sentenceOf(child, known));
  const joined = parts.join(t(modeOf(node) === "all" ? "query.and_joined" : "query.or_joined"));
  if (modeOf(node) === "none") return t("query.none_of", { parts: joined });
  return parts.length > 1 ? `(${joined})` : joined;
}

/** The users a tree names. */
function usersIn(query: Query | null | undefined, fields: QueryField[]): string[] {
  if (!query) return [];
  if (!("field" in query)) return childrenOf(query).flatMap((child) => usersIn(child, fields));
  const isUser = fields.find(({ name }) => name === query.field)?.kind === "user";
  const values = Array.isArray(query.value) ? query.value : [query.value];
  return isUser ? values.filter((one) => one && one !== "me").map(String) : [];
}

/** What words need to know: the definitions, and the names of the users that the tree speaks of. */
export function useKnown(query?: Query | null): Known {
  const fields = useQueryFields();
  const groups = useGroups().data ?? [];
  const lists = useLists().data ?? [];
  const names = useUserNames(usersIn(query, fields));
  return { fields, groups, lists, userName: (id) => names.get(id) ?? id };
}
