/** Groups as an outline: type a name, Enter for the next, Tab for a level deeper. */
import { Button } from "@mantine/core";
import { IconPlus, IconSitemap } from "@tabler/icons-react";
import { useState } from "react";
import type { Group } from "@/api/types.ts";
import { useCan } from "@/app/session.tsx";
import { t } from "@/i18n/i18n.tsx";
import { Page } from "@/ui/Page.tsx";
import { Empty, Failure, Lines } from "@/ui/states.tsx";
import { Key } from "@/ui/text.tsx";
import { useGroupTree } from "../kit/data.ts";
import kit from "../kit/kit.module.css";
import css from "./groups.module.css";
import { NameInput } from "./NameInput.tsx";
import { Outline } from "./Outline.tsx";
import { children, type Place } from "./outline.ts";
import { RemoveDialog } from "./RemoveDialog.tsx";

export default function GroupsPage() {
  const groups = useGroupTree();
  const may = useCan()("groups.edit");
  const [draft, setDraft] = useState<Place | null>(null);
  const [removing, setRemoving] = useState<Group | null>(null);
  const last = { parent_id: null, position: children(groups.tree, null).length };
  const isEmpty = groups.isSuccess && groups.tree.length === 0;
  return (
    <Page
      layout="text"
      title={t("groups.title")}
      actions={
        may && !isEmpty ? (
          <Button leftSection={<IconPlus size={16} stroke={2} />} onClick={() => setDraft(last)}>
            {t("groups.new")}
          </Button>
        ) : null
      }
    >
      <p className={kit.lead}>{t("groups.lead")}</p>
      {groups.isPending ? <Lines count={8} /> : null}
      {groups.isError ? <Failure error={groups.error} retry={() => void groups.refetch()} /> : null}
      {isEmpty ? (
        <Empty icon={IconSitemap} title={t("groups.empty")} text={t("groups.empty_text")}>
          {may ? (
            <div className={css.first}>
              <NameInput place={last} groups={[]} onNext={setDraft} onClose={() => undefined} />
            </div>
          ) : null}
        </Empty>
      ) : null}
      {groups.tree.length > 0 ? (
        <Outline tree={groups.tree} may={may} draft={draft} setDraft={setDraft} onRemove={setRemoving} />
      ) : null}
      {may && !isEmpty ? <Keys /> : null}
      {removing ? (
        <RemoveDialog
          key={removing.id}
          group={removing}
          tree={groups.tree}
          onClose={() => setRemoving(null)}
        />
      ) : null}
    </Page>
  );
}

const KEYS = [
  ["Enter", "next"],
  ["Tab", "deeper"],
  ["Alt ↑ ↓", "move"],
  ["F2", "rename"],
  ["Del", "remove"],
] as const;

function Keys() {
  return (
    <p className={css.keys}>
      {KEYS.map(([key, word]) => (
        <span key={key}>
          <Key>{key}</Key> {t(`groups.key.${word}`)}
        </span>
      ))}
    </p>
  );
}
