/** What the import service takes and gives (api.md, import), and the queries over it. */
import { useQuery } from "@tanstack/react-query";
import { api } from "@/api/client.ts";
import type {
  ColumnBody,
  ColumnView,
  ImportView,
  MatchBody,
  PreviewView,
  ResultView,
  SheetView,
  TargetPage,
  TargetView,
} from "@/api/schema.gen.ts";
import type { Id } from "@/api/types.ts";

export type Kind = PreviewView["kind"];
export type Sheet = SheetView;
export type ColumnSetting = Pick<ColumnBody, "column"> & { target: string | null } & Partial<ColumnBody>;
export type Mode = "duplicate" | "merge";

export type ImportSettings = {
  sheet: string;
  header_row: number | null;
  rows: string;
  kind: Kind;
  groups: Id[];
  mode: Mode;
  when_unmatched: "create" | "skip";
  match: Required<MatchBody> | null;
  columns: ColumnSetting[];
};

export const OUTCOMES = ["created", "changed", "unchanged", "skipped", "ambiguous", "failed"] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type ImportResult = ResultView;

export type Import = Omit<ImportView, "settings" | "error"> & {
  settings: ImportSettings | null;
  error: { code?: string; detail?: string } | null;
  kept: "file" | "errors" | "nothing";
};

export type PreviewColumn = ColumnView;
/** Rows below the header as texts, with their numbers in the file; `total` of them are filled. */
export type Preview = PreviewView;
export type Target = TargetView;

const IMPORTS = ["imports"] as const;
export const importKey = (id: Id) => [...IMPORTS, id] as const;
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
export type Targets = Required<TargetPage>;

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
