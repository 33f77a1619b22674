/** One or several values of a field: the frequent ones with their counts to tick, or any other typed one. */
import { Checkbox } from "@mantine/core";
import { useState } from "react";
import { useLists, useUserNames } from "../api/queries.ts";
import type { ConditionValue } from "../api/types.ts";
import { number } from "../i18n/format.ts";
import { t } from "../i18n/i18n.tsx";
import { useFacets } from "./facets.ts";
import type { QueryField } from "./fields.ts";
import classes from "./QueryBar.module.css";
import type { ValueProps } from "./ValueEditor.tsx";

type Option = { value: string; label: string; count?: number };

export function chosenOf(value: ConditionValue): string[] {
  if (value === null || value === undefined || value === "") return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

function useOptions(field: QueryField): Option[] {
  const facets = useFacets(field.facet ? [field.facet] : [], Boolean(field.facet))[field.facet ?? ""] ?? [];
  const lists = useLists().data ?? [];
  const users = useUserNames(field.kind === "user" ? facets.map(({ value }) => value) : []);
  if (field.kind === "kind") {
    return [
      { value: "person", label: t("common.person") },
      { value: "organization", label: t("common.organization") },
    ];
  }
  if (field.kind === "list") {
    const items = lists.find(({ name }) => name === field.custom?.list)?.items ?? [];
    return items.map(({ id, label }) => ({ value: id, label }));
  }
  if (field.kind === "user") {
    const others = facets.map(({ value, count }) => ({ value, label: users.get(value) ?? "…", count }));
    return [{ value: "me", label: t("query.me") }, ...others];
  }
  return facets.map(({ value, label, count }) => ({ value: label || value, label: label || value, count }));
}

export function ManyValues({ field, value, onChange }: ValueProps) {
  const [typed, setTyped] = useState("");
  const options = useOptions(field);
  const chosen = chosenOf(value);
  const free = field.kind === "text";
  const wanted = typed.trim().toLocaleLowerCase();
  const others = chosen
    .filter((one) => !options.some((option) => option.value === one))
    .map((one): Option => ({ value: one, label: one }));
  const shown = [...others, ...options].filter(({ label }) => label.toLocaleLowerCase().includes(wanted));
  const toggle = (one: string) => {
    const next = chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one];
    onChange(next);
  };
  const addTyped = () => {
    if (free && wanted && !chosen.includes(typed.trim())) onChange([...chosen, typed.trim()]);
    setTyped("");
  };
  return (
    <div>
      {(free || options.length > 8) && (
        <input
          data-autofocus
          className={classes.find}
          dir="auto"
          value={typed}
          placeholder={t("query.values_search")}
          aria-label={t("query.values_search")}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !wanted) return;
            event.stopPropagation();
            const exact = shown[0];
            if (exact && !free) toggle(exact.value);
            else addTyped();
          }}
        />
      )}
      <div className={classes.options}>
        {free && wanted && !shown.some(({ label }) => label.toLocaleLowerCase() === wanted) && (
          <button type="button" className={classes.add} onClick={addTyped}>
            {t("query.use_typed", { text: typed.trim() })}
          </button>
        )}
        {shown.slice(0, 60).map((option) => (
          <Tick
            key={option.value}
            option={option}
            checked={chosen.includes(option.value)}
            onToggle={toggle}
          />
        ))}
        {shown.length === 0 && !free && <p className={classes.count}>{t("query.no_values")}</p>}
      </div>
    </div>
  );
}

function Tick(props: { option: Option; checked: boolean; onToggle: (value: string) => void }) {
  const { option, checked, onToggle } = props;
  return (
    <div className={classes.option}>
      <Checkbox checked={checked} onChange={() => onToggle(option.value)} label={<bdi>{option.label}</bdi>} />
      {option.count !== undefined && <span className={classes.count}>{number(option.count)}</span>}
    </div>
  );
}
