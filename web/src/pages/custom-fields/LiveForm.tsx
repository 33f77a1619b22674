/** The form that the fields make, as a colleague will meet it for a customer of the chosen group. Nothing typed here is kept. */
import {
  Checkbox,
  MultiSelect,
  NumberInput,
  SegmentedControl,
  Select,
  TagsInput,
  TextInput,
} from "@mantine/core";
import { useState } from "react";
import { useLists } from "@/api/queries.ts";
import type { CustomField, Id } from "@/api/types.ts";
import { sectionTitle } from "@/customer-form/sectionTitle.ts";
import { t } from "@/i18n/i18n.tsx";
import { DayInput } from "@/ui/DayInput.tsx";
import { type GroupNode, groupOptions, useGroupTree } from "../kit/data.ts";
import kit from "../kit/kit.module.css";
import css from "./fields.module.css";
import type { Column } from "./order.ts";

export function LiveForm({ all }: { all: Column[] }) {
  const { tree } = useGroupTree();
  const [group, setGroup] = useState<Id | null>(null);
  const [everything, setEverything] = useState(false);
  const above = ancestors(tree, group);
  const shows = (field: CustomField) =>
    (everything || field.placement === "basic") &&
    (field.group_ids.length === 0 || field.group_ids.some((id) => above.has(id)));
  const sections = all
    .map(({ section, fields }) => ({ section, fields: fields.filter(shows) }))
    .filter(({ fields }) => fields.length > 0);
  return (
    <aside className={css.live} aria-label={t("fields.live")}>
      <header className={css.liveHead}>
        <h2 className={css.sectionTitle}>{t("fields.live")}</h2>
        <Checkbox
          label={t("fields.live_additional")}
          checked={everything}
          onChange={(event) => setEverything(event.currentTarget.checked)}
        />
      </header>
      <div className={css.liveBody}>
        <Select
          label={t("fields.live_group")}
          placeholder={t("fields.any_group")}
          data={groupOptions(tree)}
          value={group}
          onChange={setGroup}
          searchable
          clearable
          nothingFoundMessage={t("common.no_groups_found")}
        />
        {sections.map(({ section, fields }) => (
          <fieldset key={section.id} className={css.livePart}>
            <legend className={css.liveLegend}>
              <bdi>{sectionTitle(section)}</bdi>
            </legend>
            {fields.map((field) => (
              <Input key={`${field.id}${field.type}${field.multiple}`} field={field} />
            ))}
          </fieldset>
        ))}
        {sections.length === 0 ? <p className={kit.quiet}>{t("fields.live_empty")}</p> : null}
      </div>
    </aside>
  );
}

/** The group and all above it: a field scoped to a group is had by everybody below. */
function ancestors(tree: GroupNode[], group: Id | null): Set<Id> {
  const found = new Set<Id>();
  let at = group;
  while (at && !found.has(at)) {
    found.add(at);
    at = tree.find((one) => one.id === at)?.parent_id ?? null;
  }
  return found;
}

function Input({ field }: { field: CustomField }) {
  const { data: lists = [] } = useLists();
  const options = lists.find((one) => one.name === field.list)?.items ?? [];
  const data = options.map((item) => ({ value: item.id, label: item.label }));
  const [answer, setAnswer] = useState("unset");
  const [day, setDay] = useState<string | null>(null);
  const label = <bdi>{field.title}</bdi>;
  const shared = { label, withAsterisk: field.required } as const;
  if (field.type === "list") {
    return field.multiple ? (
      <MultiSelect {...shared} data={data} searchable />
    ) : (
      <Select {...shared} data={data} searchable clearable />
    );
  }
  if (field.type === "boolean") {
    return (
      <div>
        <p className={css.liveLabel}>{label}</p>
        <SegmentedControl
          aria-label={field.title}
          data={[
            { value: "unset", label: t("fields.unset") },
            { value: "yes", label: t("common.yes") },
            { value: "no", label: t("common.no") },
          ]}
          value={answer}
          onChange={setAnswer}
        />
      </div>
    );
  }
  if (field.multiple) return <TagsInput {...shared} />;
  if (field.type === "integer") return <NumberInput {...shared} allowDecimal={false} thousandSeparator />;
  if (field.type === "date") return <DayInput label={field.title} value={day} onChange={setDay} />;
  return <TextInput {...shared} dir="auto" />;
}
