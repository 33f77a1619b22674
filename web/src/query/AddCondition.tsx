import { Combobox, Popover, useCombobox } from "@mantine/core";
import { useEffect, useState } from "react";
import type { Condition, Query } from "../api/types.ts";
import { number } from "../i18n/format.ts";
import { t } from "../i18n/i18n.tsx";
import { AddButton } from "./AddButton.tsx";
import { type Candidate, useCandidates } from "./candidates.ts";
import { isComplete } from "./complete.ts";
import { EditorPart } from "./EditorPart.tsx";
import { OPS, type QueryField } from "./fields.ts";
import classes from "./QueryBar.module.css";
import { asNode } from "./tree.ts";
import { valueFor } from "./values.ts";

type AddProps = {
  opened: boolean;
  onOpen: (opened: boolean) => void;
  /** A first finished condition: it is placed at the end. */
  onAdd: (node: Query) => void;
  /** What was just placed is edited further. */
  onChangeLast: (node: Query) => void;
  label: boolean;
};

type Draft = { field: QueryField; condition: Condition; not: boolean; placed: boolean };

/** "+": a field is found by typing, then its value; what has both in one go is placed at once. */
export function AddCondition({ opened, onOpen, onAdd, onChangeLast, label }: AddProps) {
  const [draft, setDraft] = useState<Draft | null>(null);
  const close = () => {
    onOpen(false);
    setDraft(null);
  };
  const choose = (candidate: Candidate) => {
    if (candidate.node) {
      onAdd(candidate.node);
      return close();
    }
    const draft = begin(candidate.field);
    if (draft.placed) onAdd(draft.condition);
    setDraft(draft);
  };
  const change = (condition: Condition, not: boolean) => {
    if (!draft) return;
    const complete = isComplete(condition, draft.field.kind);
    if (complete) (draft.placed ? onChangeLast : onAdd)(asNode(condition, not));
    setDraft({ ...draft, condition, not, placed: draft.placed || complete });
  };
  return (
    <Popover
      opened={opened}
      onChange={(open) => !open && close()}
      position="bottom-start"
      trapFocus
      returnFocus
      withinPortal
    >
      <Popover.Target>
        <AddButton label={label} onClick={() => (opened ? close() : onOpen(true))} />
      </Popover.Target>
      <Popover.Dropdown>
        {draft ? (
          <EditorPart
            field={draft.field}
            condition={draft.condition}
            not={draft.not}
            onChange={change}
            onDone={close}
          />
        ) : (
          <Finder onChoose={choose} opened={opened} />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

/** A new condition on a field, with its usual comparison; "created in the last 7 days" is finished as it stands. */
function begin(field: QueryField): Draft {
  const op = OPS[field.kind][0] ?? "is";
  const empty: Condition = { field: field.name, op: "is", value: null };
  const condition: Condition = { field: field.name, op, value: valueFor(op, empty) };
  return { field, condition, not: false, placed: isComplete(condition, field.kind) };
}

/** As soon as it is there: waiting for the trap of the popover lost the letters typed right after F. */
const focusAtOnce = (input: HTMLInputElement | null) => input?.focus({ preventScroll: true });

function Finder({ onChoose, opened }: { onChoose: (candidate: Candidate) => void; opened: boolean }) {
  const [typed, setTyped] = useState("");
  const found = useCandidates(typed, opened);
  const box = useCombobox({ opened: true });
  const all = [...found.values, ...found.fields, ...found.custom];
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first line is chosen whenever the lines change
  useEffect(() => {
    box.selectFirstOption();
  }, [typed, all.length]);
  const submit = (id: string) => {
    const candidate = all.find((one) => one.id === id);
    if (candidate) onChoose(candidate);
  };
  return (
    <Combobox store={box} onOptionSubmit={submit} withinPortal={false}>
      <div className={classes.finder}>
        <Combobox.EventsTarget withExpandedAttribute>
          <input
            ref={focusAtOnce}
            data-autofocus
            className={classes.find}
            dir="auto"
            value={typed}
            placeholder={t("query.add_placeholder")}
            aria-label={t("query.add_hint")}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        </Combobox.EventsTarget>
        <Combobox.Options
          className={classes.options}
          aria-label={t("query.add_hint")}
          hidden={all.length === 0}
        >
          <Part title={t("query.values_label")} candidates={found.values} />
          <Part title={t("query.fields_label")} candidates={found.fields} />
          <Part title={t("query.custom_label")} candidates={found.custom} />
        </Combobox.Options>
        {all.length === 0 && <Combobox.Empty>{t("query.nothing")}</Combobox.Empty>}
      </div>
    </Combobox>
  );
}

function Part({ title, candidates }: { title: string; candidates: Candidate[] }) {
  if (candidates.length === 0) return null;
  return (
    <Combobox.Group label={title}>
      {candidates.map(({ id, field, value, count }) => (
        <Combobox.Option key={id} value={id} className={classes.candidate}>
          <bdi data-quiet={value ? true : undefined}>{field.label}</bdi>
          {value && <bdi>{value}</bdi>}
          {count !== undefined && <span className={classes.count}>{number(count)}</span>}
        </Combobox.Option>
      ))}
    </Combobox.Group>
  );
}
