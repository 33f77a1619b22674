/** Tags: those that wait first, then all in use with their counts; verify, rename, join, remove. */
import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconCheck, IconSearch, IconTags } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { keys } from "@/api/queryClient.ts";
import type { Page as Pages, Tag } from "@/api/types.ts";
import { useCan } from "@/app/session.tsx";
import { t } from "@/i18n/i18n.tsx";
import { Page } from "@/ui/Page.tsx";
import { Empty, Failure, Lines } from "@/ui/states.tsx";
import { failed } from "@/ui/toasts.tsx";
import { usePages } from "../kit/data.ts";
import kit from "../kit/kit.module.css";
import { More } from "../kit/More.tsx";
import { createTag, verifyTags } from "./actions.ts";
import { TagTable } from "./TagTable.tsx";

type View = "unverified" | "verified" | "system";
const VIEWS: View[] = ["unverified", "verified", "system"];

export default function TagsPage() {
  const can = useCan();
  const [view, setView] = useState<View>(can("tags.verify") ? "unverified" : "verified");
  const [typed, setTyped] = useState("");
  const [q] = useDebouncedValue(typed.trim(), 150);
  const tags = usePages<Tag>([...keys.tags, "list"], "/tags", { state: view, q, limit: 100 });
  const first = tags.data?.pages[0] as (Pages<Tag> & { pending?: number | null }) | undefined;
  const pending = first?.pending ?? 0;
  const label = (one: View) =>
    one === "unverified" && pending > 0
      ? t("tags.view.unverified_count", { count: pending })
      : t(`tags.view.${one}`);
  return (
    <Page layout="text" title={t("tags.title")} actions={can("tags.edit") ? <NewTag /> : null}>
      <p className={kit.lead}>{t("tags.lead")}</p>
      <div className={kit.toolbar}>
        <SegmentedControl
          aria-label={t("tags.view")}
          data={VIEWS.map((value) => ({ value, label: label(value) }))}
          value={view}
          onChange={(value) => setView(value as View)}
        />
        <TextInput
          className={kit.grow}
          aria-label={t("tags.find")}
          placeholder={t("tags.find")}
          leftSection={<IconSearch size={16} stroke={1.75} />}
          dir="auto"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        {view === "unverified" && tags.items.length > 1 && can("tags.verify") ? (
          <Button
            variant="default"
            leftSection={<IconCheck size={16} stroke={1.75} />}
            onClick={() => void verifyTags(tags.items).catch(failed)}
          >
            {t("tags.verify_all", { count: tags.items.length })}
          </Button>
        ) : null}
      </div>
      {tags.isPending ? <Lines count={6} /> : null}
      {tags.isError ? <Failure error={tags.error} retry={() => void tags.refetch()} /> : null}
      {tags.isSuccess && tags.items.length === 0 ? (
        <Empty
          icon={IconTags}
          title={t(q ? "tags.none_found" : `tags.empty.${view}`)}
          text={t(q ? "tags.none_found_text" : `tags.empty_text.${view}`)}
        />
      ) : null}
      {tags.items.length > 0 ? <TagTable tags={tags.items} view={view} /> : null}
      <More pages={tags} />
    </Page>
  );
}

function NewTag() {
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  async function create(event: FormEvent) {
    event.preventDefault();
    if (!name.trim()) return;
    setBusy(true);
    try {
      await createTag(name.trim());
      setName("");
    } catch (problem) {
      failed(problem);
    } finally {
      setBusy(false);
    }
  }
  return (
    <form className={kit.row} onSubmit={(event) => void create(event)}>
      <TextInput
        aria-label={t("tags.new")}
        placeholder={t("tags.new")}
        dir="auto"
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" loading={busy} disabled={!name.trim()}>
        {t("common.add")}
      </Button>
    </form>
  );
}
