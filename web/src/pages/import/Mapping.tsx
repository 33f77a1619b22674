/** The file beside its choices; saved and run in one go once nothing is missing. */

import { Button } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { api, newIdempotencyKey, Problem } from "@/api/client.ts";
import { explain } from "@/api/explain.ts";
import { useCan } from "@/app/session.tsx";
import { t } from "@/i18n/i18n.tsx";
import { Failure, Lines, Notice } from "@/ui/states.tsx";
import { failed } from "@/ui/toasts.tsx";
import { type Import, type ImportSettings, importKey, previewQuery, useTargets } from "./api.ts";
import { Choices } from "./Choices.tsx";
import {
  type ColumnChoice,
  columnsOf,
  type Draft,
  draftOf,
  gaps,
  newDraft,
  settingsOf,
  takenTwice,
} from "./draft.ts";
import { Grid } from "./Grid.tsx";
import css from "./import.module.css";

const firstDraft = (found: Import): Draft => {
  if (found.settings) return draftOf(found.settings);
  const sheet = found.sheets.find((one) => one.rows > 0) ?? found.sheets[0];
  return newDraft(sheet?.name ?? "", sheet?.header_row ?? null);
};

export function Mapping({ found }: { found: Import }) {
  const [draft, setDraft] = useState(() => firstDraft(found));
  const queries = useQueryClient();
  const targets = useTargets();
  const may = useCan()("imports.run");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const { encoding, delimiter } = found;
  const wish = {
    id: found.id,
    revision: revisionOf(encoding, delimiter),
    sheet: draft.sheet,
    header_row: draft.header_row,
    kind: draft.kind,
  };
  const preview = useQuery({ ...previewQuery({ ...wish, page: 0 }), placeholderData: keepPreviousData });

  function change(part: Partial<Draft>) {
    setRefused(null);
    if (part.sheet && part.sheet !== draft.sheet) {
      const sheet = found.sheets.find((one) => one.name === part.sheet);
      setDraft({
        ...draft,
        sheet: part.sheet,
        header_row: sheet?.header_row ?? null,
        rows: "all",
        changed: {},
      });
    } else setDraft({ ...draft, ...part });
  }

  async function readAgain(reading: { encoding?: string; delimiter?: string }) {
    try {
      const body = { encoding: found.encoding, delimiter: found.delimiter, ...reading };
      const { data } = await api.post<Import>(`/imports/${found.id}:reread`, body, {
        version: found.version,
      });
      queries.setQueryData(importKey(found.id), data);
      setDraft(firstDraft(data));
    } catch (problem) {
      failed(problem);
    }
  }

  const kind = draft.kind ?? preview.data?.kind ?? "person";
  const possible = useMemo(
    () => (targets.data?.items ?? []).filter((one) => one.kinds.includes(kind)),
    [targets.data, kind],
  );

  if (preview.isError && !preview.data)
    return <Failure error={preview.error} retry={() => void preview.refetch()} />;
  if (!preview.data || !targets.data) return <Lines count={10} />;
  const columns = columnsOf(draft, preview.data.columns, possible, kind);
  const missing = gaps(draft, columns, possible);

  async function run() {
    setBusy(true);
    setRefused(null);
    try {
      const settings: ImportSettings = settingsOf(draft, kind, columns, possible);
      const saved = await api.put<Import>(`/imports/${found.id}/settings`, settings, {
        version: found.version,
      });
      queries.setQueryData(importKey(found.id), saved.data);
      await api.post(`/imports/${found.id}:run`, {}, { idempotencyKey: newIdempotencyKey() });
      await queries.invalidateQueries({ queryKey: importKey(found.id) });
    } catch (problem) {
      setRefused(problem);
      if (problem instanceof Problem && problem.code === "stale_version") {
        await queries.invalidateQueries({ queryKey: importKey(found.id) });
      }
    } finally {
      setBusy(false);
    }
  }

  const setColumn = (column: number, choice: ColumnChoice) =>
    change({ changed: { ...draft.changed, [column]: choice } });
  const mapped = columns.filter((column) => column.target).length;
  return (
    <div className={css.mapping}>
      <div className={css.mappingMain}>
        <p className={css.facts}>
          {t("importing.facts", { rows: preview.data.total, columns: preview.data.columns.length, mapped })}
        </p>
        <Grid
          key={`${wish.revision}|${draft.sheet}`}
          wish={wish}
          first={preview.data}
          columns={columns}
          targets={possible}
          twice={takenTwice(columns, possible)}
          onColumn={setColumn}
          onHeaderRow={(header_row) => change({ header_row })}
        />
        <p className={css.quiet}>{t("importing.grid.header_hint")}</p>
      </div>
      <aside className={css.side} aria-label={t("importing.choices")}>
        <Choices
          found={found}
          draft={draft}
          kind={kind}
          columns={columns}
          targets={possible}
          change={change}
          encodings={targets.data.encodings}
          delimiters={targets.data.delimiters}
          onReading={(reading) => void readAgain(reading)}
        />
        <div className={css.runBar}>
          {refused ? <Notice tone="error">{faultWords(refused)}</Notice> : null}
          {missing[0] ? <p className={css.gap}>{t(`importing.gap.${missing[0]}`)}</p> : null}
          <RunKey onRun={() => missing.length === 0 && !busy && may && void run()} />
          <Button
            fullWidth
            size="md"
            loading={busy}
            disabled={missing.length > 0 || !may}
            leftSection={<IconPlayerPlay size={16} stroke={1.75} className="mirror" />}
            onClick={() => void run()}
          >
            {t(draft.rows === "all" ? "importing.run" : "importing.run_some", { rows: preview.data.total })}
          </Button>
        </div>
      </aside>
    </div>
  );
}

function RunKey({ onRun }: { onRun: () => void }) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onRun();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
  return null;
}

function faultWords(problem: unknown): string {
  const errors = problem instanceof Problem ? problem.body.errors : undefined;
  return errors?.length ? [...new Set(errors.map((error) => error.detail))].join(" ") : explain(problem);
}

/** Changes when the file was read in another way, so that no old page of it is shown. */
function revisionOf(encoding: string | null, delimiter: string | null): number {
  return [...`${encoding ?? ""}|${delimiter ?? ""}`].reduce(
    (sum, char) => (sum * 31 + (char.codePointAt(0) ?? 0)) | 0,
    7,
  );
}
