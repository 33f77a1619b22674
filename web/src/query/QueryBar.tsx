/** The query as a sentence: conditions as chips, groups in brackets, a live result behind it. Keys: F adds, G groups, Backspace takes the last away. */
import { ActionIcon, Button, Menu, Tooltip, UnstyledButton } from "@mantine/core";
import { IconBrackets, IconChevronDown, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import type { Query } from "../api/types.ts";
import { t } from "../i18n/i18n.tsx";
import { useKeys } from "../ui/keys.ts";
import { AddCondition } from "./AddCondition.tsx";
import { ConditionChip } from "./ConditionChip.tsx";
import classes from "./QueryBar.module.css";
import {
  appendAt,
  asNode,
  changeAt,
  childrenOf,
  chipOf,
  type GroupNode,
  groupLast,
  type Mode,
  modeOf,
  type Path,
  removeAt,
  setMode,
} from "./tree.ts";
import { type Known, useKnown } from "./words.ts";

export type QueryBarProps = { root: GroupNode; onChange: (root: GroupNode) => void; children?: ReactNode };

export function QueryBar({ root, onChange, children }: QueryBarProps) {
  const [adding, setAdding] = useState(false);
  const known = useKnown(root);
  const count = childrenOf(root).length;
  useKeys({ KeyF: () => setAdding(true), KeyG: () => count > 0 && onChange(groupLast(root)) });
  const onKeyDown = (event: KeyboardEvent) => {
    const onChip = event.target instanceof HTMLButtonElement;
    if (event.key !== "Backspace" || !onChip || count === 0) return;
    event.preventDefault();
    onChange(removeAt(root, [count - 1]));
  };
  return (
    <div className={classes.bar} onKeyDown={onKeyDown} role="group" aria-label={t("query.sentence")}>
      {count > 1 && <ModeMenu mode={modeOf(root)} onChange={(mode) => onChange(setMode(root, [], mode))} />}
      <Parts root={root} node={root} path={[]} onChange={onChange} known={known} />
      <AddCondition
        opened={adding}
        onOpen={setAdding}
        onAdd={(node) => onChange(appendAt(root, [], node))}
        onChangeLast={(node) => onChange(changeAt(root, [count - 1], () => node))}
        label={count === 0}
      />
      {count > 0 && (
        <>
          <Tooltip label={t("query.group_hint")}>
            <ActionIcon aria-label={t("query.group_hint")} onClick={() => onChange(groupLast(root))}>
              <IconBrackets size={16} stroke={1.75} />
            </ActionIcon>
          </Tooltip>
          <Button variant="subtle" color="gray" size="xs" onClick={() => onChange({ all: [] })}>
            {t("query.clear")}
          </Button>
        </>
      )}
      {children}
    </div>
  );
}

type PartsProps = {
  root: GroupNode;
  node: GroupNode;
  path: Path;
  onChange: (root: GroupNode) => void;
  known: Known;
};

function Parts({ root, node, path, onChange, known }: PartsProps) {
  return childrenOf(node).map((child, index) => {
    const place = [...path, index];
    const key = place.join(".");
    const chip = chipOf(child);
    if (!chip) {
      const inner = child as GroupNode;
      return <Brackets key={key} root={root} node={inner} path={place} onChange={onChange} known={known} />;
    }
    return (
      <ConditionChip
        key={key}
        condition={chip.condition}
        not={chip.not}
        known={known}
        onChange={(condition, not) => onChange(changeAt(root, place, () => asNode(condition, not)))}
        onRemove={() => onChange(removeAt(root, place))}
      />
    );
  });
}

function Brackets(props: PartsProps) {
  const { root, node, path, onChange } = props;
  const [adding, setAdding] = useState(false);
  const last = [...path, childrenOf(node).length - 1];
  const add = (child: Query) => onChange(appendAt(root, path, child));
  return (
    <div className={classes.brackets}>
      <ModeMenu mode={modeOf(node)} onChange={(mode) => onChange(setMode(root, path, mode))} />
      <Parts {...props} />
      <AddCondition
        opened={adding}
        onOpen={setAdding}
        onAdd={add}
        onChangeLast={(child) => onChange(changeAt(root, last, () => child))}
        label={false}
      />
      <ActionIcon size={24} aria-label={t("query.ungroup")} onClick={() => onChange(removeAt(root, path))}>
        <IconX size={14} stroke={1.75} />
      </ActionIcon>
    </div>
  );
}

function ModeMenu({ mode, onChange }: { mode: Mode; onChange: (mode: Mode) => void }) {
  return (
    <Menu position="bottom-start" width={160}>
      <Menu.Target>
        <UnstyledButton className={classes.mode} aria-label={t("query.mode_label")}>
          {t(`query.mode_${mode}`)}
          <IconChevronDown size={14} stroke={1.75} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {(["all", "any", "none"] as const).map((one) => (
          <Menu.Item key={one} onClick={() => onChange(one)}>
            {t(`query.mode_${one}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
