/** Who gets the message and who does not, and why; every figure opens its people. */
import { Button, Checkbox, Modal, SegmentedControl, Select } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client.ts";
import { keys } from "@/api/queryClient.ts";
import type { Filter, Id, Page } from "@/api/types.ts";
import { number } from "@/i18n/format.ts";
import { T, t } from "@/i18n/i18n.tsx";
import { Lines } from "@/ui/states.tsx";
import { groupOptions, useGroupTree } from "../kit/data.ts";
import { CustomerName } from "../kit/names.tsx";
import type { Preview, Skipped } from "./api.ts";
import { type Audience, foundAudience, peopleAudience } from "./audience.ts";
import css from "./messages.module.css";
import { People } from "./People.tsx";

type LedgerProps = {
  audience: Audience | null;
  onAudience: (audience: Audience | null) => void;
  preview: Preview | undefined;
  counting: boolean;
  locked?: boolean;
};

export function Ledger({ audience, onAudience, preview, counting, locked }: LedgerProps) {
  const [shown, setShown] = useState<Skipped | null>(null);
  return (
    <section className={css.column} aria-label={t("messages.ledger")}>
      <h2 className={css.columnTitle}>{t("messages.ledger")}</h2>
      {audience ? (
        <div className={css.audience}>
          <IconUsers size={16} stroke={1.75} aria-hidden />
          <bdi className={css.audienceName}>{audience.label}</bdi>
          {locked ? null : (
            <Button size="compact-sm" variant="subtle" onClick={() => onAudience(null)}>
              {t("messages.change_audience")}
            </Button>
          )}
        </div>
      ) : (
        <AudienceForm onAudience={onAudience} />
      )}
      {audience && counting && !preview ? <Lines count={3} /> : null}
      {preview ? (
        <div aria-busy={counting} aria-live="polite">
          <p className={css.will}>
            <span className={css.figure}>{number(preview.recipients)}</span>
            <span>{t("messages.will_get_it", { count: preview.recipients })}</span>
          </p>
          <ul className={css.skipped}>
            {preview.skipped
              .filter((one) => one.count > 0)
              .map((one) => (
                <li key={one.reason}>
                  <button type="button" className={css.skip} onClick={() => setShown(one)}>
                    <span className={css.skipCount}>{number(one.count)}</span>
                    <span>{t(`messages.skip.${one.reason}`)}</span>
                  </button>
                </li>
              ))}
          </ul>
          {preview.cost ? (
            <p className={css.quiet}>
              <T
                id="messages.cost"
                values={{ amount: <bdi key="c">{`${preview.cost.amount} ${preview.cost.currency}`}</bdi> }}
              />
            </p>
          ) : null}
        </div>
      ) : null}
      <Modal
        opened={shown !== null}
        onClose={() => setShown(null)}
        title={shown ? t(`messages.skip.${shown.reason}`) : ""}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {shown ? <SkippedPeople skipped={shown} /> : null}
      </Modal>
    </section>
  );
}

const SHOWN = 100;

function SkippedPeople({ skipped }: { skipped: Skipped }) {
  const some = skipped.customer_ids.slice(0, SHOWN);
  return (
    <>
      <p className={css.quiet}>{t(`messages.skip_hint.${skipped.reason}`)}</p>
      <ul className={css.people}>
        {some.map((id) => (
          <li key={id}>
            <CustomerName id={id} />
          </li>
        ))}
      </ul>
      {skipped.count > some.length ? (
        <p className={css.quiet}>{t("messages.and_more", { count: skipped.count - some.length })}</p>
      ) : null}
    </>
  );
}

type Source = "group" | "filter" | "people";

function AudienceForm({ onAudience }: { onAudience: (audience: Audience) => void }) {
  const [source, setSource] = useState<Source>("group");
  return (
    <div className={css.audienceForm}>
      <SegmentedControl
        fullWidth
        aria-label={t("messages.audience_from")}
        data={(["group", "filter", "people"] as const).map((value) => ({
          value,
          label: t(`messages.from.${value}`),
        }))}
        value={source}
        onChange={(value) => setSource(value as Source)}
      />
      {source === "group" ? <FromGroup onAudience={onAudience} /> : null}
      {source === "filter" ? <FromFilter onAudience={onAudience} /> : null}
      {source === "people" ? (
        <People onDone={(ids: Id[], label: string) => onAudience(peopleAudience(ids, label))} />
      ) : null}
    </div>
  );
}

function FromGroup({ onAudience }: { onAudience: (audience: Audience) => void }) {
  const { tree } = useGroupTree();
  const [subgroups, setSubgroups] = useState(true);
  const choose = (id: Id | null) => {
    const group = tree.find((one) => one.id === id);
    if (group) onAudience({ body: { group: { id: group.id, subgroups } }, label: group.path, count: null });
  };
  return (
    <>
      <Checkbox
        label={t("messages.with_subgroups")}
        checked={subgroups}
        onChange={(event) => setSubgroups(event.currentTarget.checked)}
      />
      <Select
        aria-label={t("messages.from.group")}
        placeholder={t("messages.choose_group")}
        data={groupOptions(tree)}
        value={null}
        onChange={choose}
        searchable
        nothingFoundMessage={t("common.no_groups_found")}
      />
    </>
  );
}

function FromFilter({ onAudience }: { onAudience: (audience: Audience) => void }) {
  const filters = useQuery({
    queryKey: keys.filters,
    queryFn: async ({ signal }) => (await api.get<Page<Filter>>("/filters", { signal })).data.items,
  });
  const choose = (id: Id | null) => {
    const filter = filters.data?.find((one) => one.id === id);
    if (filter) onAudience(foundAudience(filter.query ?? { all: [] }, filter.name, null));
  };
  return (
    <Select
      aria-label={t("messages.from.filter")}
      placeholder={t("messages.choose_filter")}
      data={(filters.data ?? []).map((filter) => ({ value: filter.id, label: filter.name }))}
      value={null}
      onChange={choose}
      searchable
      nothingFoundMessage={t("messages.no_filters")}
    />
  );
}
