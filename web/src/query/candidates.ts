/** What typing into "add a condition" may mean: a field, or a field with a value ("city teh" → City is Tehran). */
import { useGroups, useLists } from "../api/queries.ts";
import type { Facet, Group, List, Query } from "../api/types.ts";
import { t } from "../i18n/i18n.tsx";
import { useFacets } from "./facets.ts";
import { type QueryField, useQueryFields } from "./fields.ts";

export type Candidate = {
  id: string;
  label: string;
  value?: string;
  count?: number;
  field: QueryField;
  node?: Query;
};

const SUGGESTED = ["groups", "city", "province", "country"];
const MOST = 8;

/** How well `text` fits: every typed word begins a word of it; null when one does not. Earlier and shorter is better. */
export function fit(text: string, typed: string): number | null {
  const words = text.toLocaleLowerCase().split(/[\s\u200c]+/);
  let score = 0;
  for (const part of typed.toLocaleLowerCase().split(/\s+/).filter(Boolean)) {
    const at = words.findIndex((word) => word.startsWith(part));
    if (at < 0) return null;
    score += at + words.length / 100;
  }
  return score;
}

function best(candidates: Candidate[], typed: string): Candidate[] {
  return candidates
    .map((candidate) => ({
      candidate,
      score: fit(`${candidate.field.label} ${candidate.value ?? ""}`, typed),
    }))
    .filter((one): one is { candidate: Candidate; score: number } => one.score !== null)
    .sort((a, b) => a.score - b.score)
    .map(({ candidate }) => candidate);
}

function valueCandidates(
  fields: QueryField[],
  facets: Record<string, Facet[]>,
  groups: Group[],
  lists: List[],
) {
  const out: Candidate[] = [];
  const add = (field: QueryField, value: string, node: Query, count?: number) =>
    out.push({ id: `${field.name}=${JSON.stringify(node)}`, label: value, value, count, field, node });
  for (const field of fields) {
    if (field.kind === "group") {
      for (const { id, name, count } of groups) {
        add(field, name, { field: field.name, op: "is", value: { id, subgroups: true } }, count);
      }
    } else if (field.kind === "list") {
      for (const { id, label } of lists.find(({ name }) => name === field.custom?.list)?.items ?? []) {
        add(field, label, { field: field.name, op: "is", value: id });
      }
    } else if (field.kind === "kind") {
      add(field, t("common.person"), { field: "kind", op: "is", value: "person" });
      add(field, t("common.organization"), { field: "kind", op: "is", value: "organization" });
    } else if (field.facet) {
      for (const { value, label, count } of facets[field.facet] ?? []) {
        add(field, label || value, { field: field.name, op: "is", value: label || value }, count);
      }
    }
  }
  return out;
}

/** Free text as a condition of the field that was named before it: "city Qom" where nobody lives in Qom yet. */
function typedCandidate(fields: QueryField[], typed: string): Candidate[] {
  const [first, ...rest] = typed.trim().split(/\s+/);
  const value = rest.join(" ");
  const field =
    first && value.length > 1 ? fields.find(({ label }) => fit(label, first) !== null) : undefined;
  if (!field || !["text", "phone", "email"].includes(field.kind)) return [];
  const node: Query = { field: field.name, op: "contains", value };
  return [
    { id: `${field.name}~${value}`, label: value, value: `${t("query.op_contains")} ${value}`, field, node },
  ];
}

export type Candidates = { values: Candidate[]; fields: Candidate[]; custom: Candidate[] };

export function useCandidates(typed: string, enabled: boolean): Candidates {
  const fields = useQueryFields();
  const facets = useFacets(SUGGESTED, enabled);
  const groups = useGroups().data ?? [];
  const lists = useLists().data ?? [];
  const asFields = fields.map((field) => ({ id: field.name, label: field.label, field }));
  const found = typed.trim() ? best(asFields, typed) : asFields;
  const values = typed.trim()
    ? best(valueCandidates(fields, facets, groups, lists), typed).slice(0, MOST)
    : [];
  return {
    values: values.length ? values : typedCandidate(fields, typed),
    fields: found.filter(({ field }) => !field.custom),
    custom: found.filter(({ field }) => field.custom),
  };
}
