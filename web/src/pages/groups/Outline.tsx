/** The tree itself: one row has the focus, arrows move it, Alt with arrows moves the group. */
import { ActionIcon, Menu, TextInput } from "@mantine/core";
import { IconChevronDown, IconDots, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { Fragment, type KeyboardEvent, useRef, useState } from "react";
import type { Group, Id } from "@/api/types.ts";
import { direction, t } from "@/i18n/i18n.tsx";
import { failed } from "@/ui/toasts.tsx";
import type { GroupNode } from "../kit/data.ts";
import { moveGroup, renameGroup } from "./actions.ts";
import css from "./groups.module.css";
import { NameInput } from "./NameInput.tsx";
import { after, children, indented, moved, outdented, type Place, subtree, visible } from "./outline.ts";

type OutlineProps = {
  tree: GroupNode[];
  may: boolean;
  draft: Place | null;
  setDraft: (place: Place | null) => void;
  onRemove: (group: Group) => void;
};

export function Outline({ tree, may, draft, setDraft, onRemove }: OutlineProps) {
  const [folded, setFolded] = useState<ReadonlySet<Id>>(new Set());
  const [focused, setFocused] = useState<Id | null>(null);
  const [editing, setEditing] = useState<Id | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const shown = visible(tree, folded);
  const current = shown.find((group) => group.id === focused) ?? shown[0];

  const focus = (id: Id | undefined) => {
    if (!id) return;
    setFocused(id);
    list.current?.querySelector<HTMLElement>(`[data-group="${id}"]`)?.focus();
  };
  const fold = (id: Id, closed: boolean) => {
    const next = new Set(folded);
    if (closed) next.add(id);
    else next.delete(id);
    setFolded(next);
  };
  const place = (group: Group, where: Place | null) => {
    if (!where || !may) return;
    if (where.parent_id) fold(where.parent_id, false);
    moveGroup(tree, group, where)
      .then(() => requestAnimationFrame(() => focus(group.id)))
      .catch(failed);
  };

  function key(event: KeyboardEvent, group: GroupNode) {
    if (event.target !== event.currentTarget) return;
    const at = shown.findIndex((one) => one.id === group.id);
    const inward = direction() === "rtl" ? "ArrowLeft" : "ArrowRight";
    const outward = direction() === "rtl" ? "ArrowRight" : "ArrowLeft";
    const run = new Map<string, () => void>([
      ["ArrowDown", () => (event.altKey ? place(group, moved(tree, group, 1)) : focus(shown[at + 1]?.id))],
      ["ArrowUp", () => (event.altKey ? place(group, moved(tree, group, -1)) : focus(shown[at - 1]?.id))],
      [inward, () => (event.altKey ? place(group, indented(tree, group)) : fold(group.id, false))],
      [outward, () => (event.altKey ? place(group, outdented(tree, group)) : leave(group))],
      ["Home", () => focus(shown[0]?.id)],
      ["End", () => focus(shown.at(-1)?.id)],
      ["Enter", () => may && setDraft(after(tree, group))],
      ["F2", () => may && setEditing(group.id)],
      ["Delete", () => may && onRemove(group)],
    ]);
    const action = run.get(event.key);
    if (!action) return;
    event.preventDefault();
    action();
  }

  function leave(group: GroupNode) {
    const open = children(tree, group.id).length > 0 && !folded.has(group.id);
    if (open) fold(group.id, true);
    else focus(group.parent_id ?? undefined);
  }

  const draftAfter = draft ? rowBefore(tree, shown, draft) : null;
  const draftLine = draft ? (
    <div className={css.row} style={{ "--depth": depthOf(tree, draft) } as React.CSSProperties}>
      <span className={css.fold} />
      <div className={css.input}>
        <NameInput place={draft} groups={tree} onNext={setDraft} onClose={() => setDraft(null)} />
      </div>
    </div>
  ) : null;

  return (
    <div ref={list} className={css.outline} role="tree" aria-label={t("groups.title")}>
      {draft && draftAfter === null ? draftLine : null}
      {shown.map((group) => {
        const below = children(tree, group.id);
        return (
          <Fragment key={group.id}>
            <div
              role="treeitem"
              aria-level={group.depth + 1}
              aria-expanded={below.length ? !folded.has(group.id) : undefined}
              aria-labelledby={`name-${group.id} count-${group.id}`}
              aria-selected={false}
              data-group={group.id}
              tabIndex={current?.id === group.id ? 0 : -1}
              className={css.row}
              style={{ "--depth": group.depth } as React.CSSProperties}
              onFocus={() => setFocused(group.id)}
              onKeyDown={(event) => key(event, group)}
            >
              {below.length ? (
                <ActionIcon
                  className={css.fold}
                  data-folded={folded.has(group.id) || undefined}
                  tabIndex={-1}
                  aria-label={t(folded.has(group.id) ? "groups.unfold" : "groups.fold")}
                  onClick={() => fold(group.id, !folded.has(group.id))}
                >
                  <IconChevronDown size={16} stroke={1.75} />
                </ActionIcon>
              ) : (
                <span className={css.fold} />
              )}
              {editing === group.id ? (
                <Rename
                  group={group}
                  onClose={() => {
                    setEditing(null);
                    requestAnimationFrame(() => focus(group.id));
                  }}
                />
              ) : (
                <>
                  {/* biome-ignore lint/a11y/noStaticElementInteractions: F2 is the key of this double click */}
                  <span className={css.name} onDoubleClick={() => may && setEditing(group.id)}>
                    <bdi id={`name-${group.id}`}>{group.name}</bdi>
                  </span>{" "}
                  <span className={css.count} id={`count-${group.id}`}>
                    {t("groups.count", { count: group.count })}
                  </span>
                  {may ? (
                    <RowMenu
                      group={group}
                      onBelow={() => {
                        fold(group.id, false);
                        setDraft({ parent_id: group.id, position: below.length });
                      }}
                      onRename={() => setEditing(group.id)}
                      onRemove={() => onRemove(group)}
                    />
                  ) : null}
                </>
              )}
            </div>
            {draftAfter === group.id ? draftLine : null}
          </Fragment>
        );
      })}
    </div>
  );
}

/** The visible row after which a draft stands: the last one below the sibling before it, else its parent; null at the top. */
function rowBefore(tree: GroupNode[], shown: GroupNode[], draft: Place): Id | null {
  const sibling = children(tree, draft.parent_id)[draft.position - 1];
  if (!sibling) return draft.parent_id;
  const below = subtree(tree, sibling.id);
  return shown.findLast((group) => below.has(group.id))?.id ?? sibling.id;
}

function depthOf(tree: GroupNode[], draft: Place): number {
  const parent = tree.find((group) => group.id === draft.parent_id);
  return parent ? parent.depth + 1 : 0;
}

function Rename({ group, onClose }: { group: Group; onClose: () => void }) {
  const [name, setName] = useState(group.name);
  async function save() {
    const wanted = name.trim();
    if (wanted && wanted !== group.name) await renameGroup(group, wanted).catch(failed);
    onClose();
  }
  return (
    <div className={css.input}>
      <TextInput
        aria-label={t("groups.rename_of", { name: group.name })}
        value={name}
        dir="auto"
        maxLength={200}
        autoFocus
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => setName(event.currentTarget.value)}
        onBlur={() => void save()}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          if (event.key === "Escape") onClose();
        }}
      />
    </div>
  );
}

type RowMenuProps = { group: Group; onBelow: () => void; onRename: () => void; onRemove: () => void };

function RowMenu({ group, onBelow, onRename, onRemove }: RowMenuProps) {
  return (
    <Menu returnFocus>
      <Menu.Target>
        <ActionIcon
          className={css.menu}
          tabIndex={-1}
          aria-label={t("groups.actions_of", { name: group.name })}
        >
          <IconDots size={16} stroke={1.75} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPlus size={16} stroke={1.75} />} onClick={onBelow}>
          {t("groups.add_below")}
        </Menu.Item>
        <Menu.Item leftSection={<IconPencil size={16} stroke={1.75} />} onClick={onRename}>
          {t("common.rename")}
        </Menu.Item>
        <Menu.Item color="red" leftSection={<IconTrash size={16} stroke={1.75} />} onClick={onRemove}>
          {t("common.remove")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
