/** What the import service takes and gives (api.md, import), and the queries over it. */
import { useQuery } from "@tanstack/react-query";
import { api } from "@/api/client.ts";
import type { Id, JobState, Page } from "@/api/types.ts";

export type Kind = "person" | "organization";
export type Mode = "duplicate" | "merge";
export type Sheet = { name: string; rows: number; columns: number; header_row: number | null };

export type ColumnSetting = {
  column: number;
  target: string | null;
  separator?: string | null;
  values?: number | null;
  region?: string | null;
};

export type ImportSettings = {
  sheet: string;
  header_row: number | null;
  rows: string;
  kind: Kind;
  groups: Id[];
  mode: Mode;
  when_unmatched: "create" | "skip";
  match: { fields: string[]; combine: "all" | "any" } | null;
  columns: ColumnSetting[];
};

export const OUTCOMES = ["created", "changed", "unchanged", "skipped", "ambiguous", "failed"] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type ImportResult = { read: number } & Record<Outcome, number>;

export type Import = {
  id: Id;
  file_name: string;
  size: number;
  format: string;
  encoding: string | null;
  delimiter: string | null;
  sheets: Sheet[];
  settings: ImportSettings | null;
  state: "ready" | JobState;
  job_id: Id | null;
  progress: { done: number; total: number | null; rate: number | null; seconds_left: number | null };
  result: ImportResult | null;
  error: { code?: string; detail?: string } | null;
  problems: number;
  created_by: Id;
  created_at: string;
  started_at: string | null;
  updated_at: string;
  version: number;
};

export type PreviewColumn = {
  column: number;
  header: string | null;
  type: string;
  samples: unknown[];
  suggestion: string | null;
  confidence: number;
};

/** Rows below the header as texts, with their numbers in the file; `total` of them are filled. */
export type Preview = {
  sheet: string;
  header_row: number | null;
  kind: Kind;
  remembered: boolean;
  columns: PreviewColumn[];
  rows: (string | null)[][];
  row_numbers: number[];
  offset: number;
  total: number;
};

export type Target = {
  target: string;
  label: string;
  type: string;
  kinds: Kind[];
  multiple: boolean;
  matchable: boolean;
};

const IMPORTS = ["imports"] as const;
export const importKey = (id: Id) => [...IMPORTS, id] as const;
export const importsKey = [...IMPORTS, "history"] as const;
export const PAGE_ROWS = 100;

export const isActive = (state: Import["state"]) =>
  state === "queued" || state === "running" || state === "paused";

const SETTLING = 15_000;

/** On its way, or stopped so lately that batches already handed over may still be answered. */
function isMoving({ state, updated_at, job_id }: Import): boolean {
  if (state === "queued" || state === "running") return true;
  return job_id !== null && state !== "done" && Date.now() - Date.parse(updated_at) < SETTLING;
}

export function useImport(id: Id) {
  return useQuery({
    queryKey: importKey(id),
    queryFn: async ({ signal }) => (await api.get<Import>(`/imports/${id}`, { signal })).data,
    refetchInterval: ({ state }) => (state.data && isMoving(state.data) ? 1_000 : false),
  });
}

/** Where columns can go, and how text files can be read. */
export type Targets = Page<Target> & { encodings: string[]; delimiters: string[] };

export function useTargets() {
  return useQuery({
    queryKey: [...IMPORTS, "targets"],
    queryFn: async ({ signal }) => (await api.get<Targets>("/imports/targets", { signal })).data,
  });
}

type PreviewWish = {
  id: Id;
  revision: number;
  sheet: string;
  header_row: number | null;
  kind: Kind | null;
  page: number;
};

export function previewQuery({ id, revision, sheet, header_row, kind, page }: PreviewWish) {
  return {
    queryKey: [...importKey(id), "preview", revision, sheet, header_row, kind, page] as const,
    queryFn: async ({ signal }: { signal: AbortSignal }) => {
      const params = { sheet, header_row: header_row ?? 0, kind, offset: page * PAGE_ROWS, limit: PAGE_ROWS };
      return (await api.get<Preview>(`/imports/${id}/preview`, { params, signal })).data;
    },
    staleTime: Number.POSITIVE_INFINITY,
  };
}

export async function upload(file: File, signal?: AbortSignal): Promise<Import> {
  const body = new FormData();
  body.append("file", file, file.name);
  return (await api.post<Import>("/imports", body, { signal })).data;
}

export const errorsAddress = (id: Id) => `/api/v1/imports/${id}/errors.xlsx`;
