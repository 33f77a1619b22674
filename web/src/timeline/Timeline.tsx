/** A customer's timeline: the composer, the search with kinds as chips, then the entries by day. */
import { Button, Chip, Loader, TextInput } from "@mantine/core";
import { IconHash, IconNotes, IconSearch, IconX } from "@tabler/icons-react";
import { useState } from "react";
import type { Entry, Id, TagRef } from "../api/types.ts";
import { useCan } from "../app/session.tsx";
import { date, dayOf } from "../i18n/format.ts";
import { t } from "../i18n/i18n.tsx";
import { Empty, Failure, Lines } from "../ui/states.tsx";
import { Composer } from "./Composer.tsx";
import { EntryView } from "./EntryView.tsx";
import { KINDS } from "./kinds.ts";
import classes from "./Timeline.module.css";
import { useTimeline } from "./useTimeline.ts";
import { Verify } from "./Verify.tsx";

/** Entries under the day on which they happened. */
export function byDay(entries: Entry[]): [day: string, entries: Entry[]][] {
  const days: [string, Entry[]][] = [];
  for (const entry of entries) {
    const day = dayOf(entry.occurred_at);
    const last = days.at(-1);
    if (last?.[0] === day) last[1].push(entry);
    else days.push([day, [entry]]);
  }
  return days;
}

export function Timeline({ customerId }: { customerId: Id }) {
  const can = useCan();
  const [q, setQ] = useState("");
  const [kinds, setKinds] = useState<string[]>([]);
  const [tag, setTag] = useState<Pick<TagRef, "id" | "name"> | null>(null);
  const found = useTimeline(customerId, { q, kinds, tags: tag ? [tag.id] : [] });
  return (
    <div className={classes.timeline}>
      {can("entries.create") && <Composer customerIds={[customerId]} />}
      <div className={classes.filters}>
        <TextInput
          className={classes.search}
          size="xs"
          dir="auto"
          value={q}
          placeholder={t("timeline.search")}
          aria-label={t("timeline.search")}
          leftSection={<IconSearch size={14} stroke={1.75} />}
          rightSection={found.isFetching && q ? <Loader size={12} color="gray" /> : null}
          onChange={(event) => setQ(event.currentTarget.value)}
        />
        <Verify customerId={customerId} />
        <Kinds value={kinds} onChange={setKinds} />
        {tag && (
          <button type="button" className={classes.tag} onClick={() => setTag(null)}>
            <IconHash size={12} stroke={1.75} aria-hidden />
            <bdi>{tag.name}</bdi>
            <IconX size={12} stroke={1.75} aria-label={t("common.remove")} />
          </button>
        )}
      </div>
      <Entries
        customerId={customerId}
        found={found}
        filtered={Boolean(q || kinds.length || tag)}
        onTag={setTag}
      />
    </div>
  );
}

function Kinds({ value, onChange }: { value: string[]; onChange: (kinds: string[]) => void }) {
  return (
    <Chip.Group multiple value={value} onChange={onChange}>
      <div className={classes.kinds} role="group" aria-label={t("timeline.kinds")}>
        {KINDS.map((kind) => (
          <Chip key={kind} value={kind} size="xs" variant="light">
            {t(`timeline.chip_${kind}`)}
          </Chip>
        ))}
      </div>
    </Chip.Group>
  );
}

type EntriesProps = {
  customerId: Id;
  found: ReturnType<typeof useTimeline>;
  filtered: boolean;
  onTag: (tag: Pick<TagRef, "id" | "name">) => void;
};

function Entries({ customerId, found, filtered, onTag }: EntriesProps) {
  const { entries, isLoading, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = found;
  if (isLoading) return <Lines count={5} height={56} />;
  if (error && entries.length === 0) return <Failure compact error={error} retry={() => void refetch()} />;
  if (entries.length === 0 && !hasNextPage) {
    const [title, text] = filtered
      ? (["timeline.none_found", "timeline.none_found_text"] as const)
      : (["timeline.empty_title", "timeline.empty_text"] as const);
    return <Empty compact icon={IconNotes} title={t(title)} text={t(text)} />;
  }
  return (
    <>
      {byDay(entries).map(([day, list]) => (
        <section key={day}>
          <h3 className={classes.day}>{date(list[0]?.occurred_at ?? day)}</h3>
          <ol>
            {list.map((entry) => (
              <EntryView key={entry.id} entry={entry} customerId={customerId} onTag={onTag} />
            ))}
          </ol>
        </section>
      ))}
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t("timeline.older")}
        </Button>
      )}
    </>
  );
}
