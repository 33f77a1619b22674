/**
 * The one place that talks HTTP: same-origin JSON under /api/v1, the CSRF token on writes, ETags, idempotency keys, and
 * positions (what was just written is waited for by the searches that follow). Failures are `Problem`s.
 */
import type { ProblemBody } from "./types.ts";

/** An answer that is no success: `code` is one of the API's stable words, or `network` when there was no answer. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly body: ProblemBody;

  constructor(body: ProblemBody) {
    super(body.detail ?? body.title ?? body.code);
    this.name = "Problem";
    this.code = body.code;
    this.status = body.status;
    this.body = body;
  }

  /** The message for one field of the body, if the service named it. */
  field(name: string): string | undefined {
    return this.body.errors?.find((error) => error.field === name)?.detail;
  }
}

export type Answer<T> = { data: T; etag: string | null; status: number; location: string | null };

export type RequestOptions = {
  params?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  /** The version to change: sent as `If-Match`. */
  version?: number;
  /** One key per intent of the person: the same on every retry of that intent. */
  idempotencyKey?: string;
  signal?: AbortSignal;
  /** This read must see one's own last writes. */
  positioned?: boolean;
};

const BASE = "/api/v1";
let csrf: string | null = null;

export function setCsrfToken(token: string | null): void {
  csrf = token;
}

export function csrfToken(): string | null {
  return csrf;
}

const POSITION_LIFE = 15_000;
const positions = new Map<string, { version: number; at: number }>();

/** Remembers positions (`id@version`, comma-separated) of a write or of a finished job. */
export function notePosition(header: string | null | undefined, now = Date.now()): void {
  for (const token of header?.split(",") ?? []) {
    const cut = token.lastIndexOf("@");
    if (cut < 1) continue;
    const id = token.slice(0, cut).trim();
    const version = Number(token.slice(cut + 1));
    positions.set(id, { version: Math.max(version, positions.get(id)?.version ?? 0), at: now });
  }
}

/** The positions a search should wait for: those of the last seconds. */
export function currentPosition(now = Date.now()): string | null {
  for (const [id, { at }] of positions) if (now - at > POSITION_LIFE) positions.delete(id);
  return positions.size ? [...positions].map(([id, { version }]) => `${id}@${version}`).join(",") : null;
}

function address(path: string, params: RequestOptions["params"]): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {})) {
    if (value !== null && value !== undefined && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return `${BASE}${path}${text ? `?${text}` : ""}`;
}

function headers(method: string, options: RequestOptions): Headers {
  const out = new Headers({ accept: "application/json" });
  const { body, version, idempotencyKey, positioned } = options;
  if (body !== undefined && !(body instanceof FormData)) {
    out.set("content-type", method === "PATCH" ? "application/merge-patch+json" : "application/json");
  }
  if (method !== "GET" && csrf) out.set("x-csrf-token", csrf);
  if (version !== undefined) out.set("if-match", `"${version}"`);
  if (idempotencyKey) out.set("idempotency-key", idempotencyKey);
  const position = positioned ? currentPosition() : null;
  if (position) out.set("x-position", position);
  return out;
}

function encode(body: unknown): BodyInit | undefined {
  if (body === undefined) return undefined;
  return body instanceof FormData ? body : JSON.stringify(body);
}

/** Sends one request; throws `Problem` on anything that is no 2xx. */
export async function request<T>(
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<Answer<T>> {
  let response: Response;
  try {
    response = await fetch(address(path, options.params), {
      method,
      headers: headers(method, options),
      body: encode(options.body),
      signal: options.signal,
      credentials: "same-origin",
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem({ code: "network", status: 0 });
  }
  return read<T>(response);
}

async function read<T>(response: Response): Promise<Answer<T>> {
  const type = response.headers.get("content-type") ?? "";
  const data = type.includes("json") && response.status !== 204 ? await response.json() : undefined;
  if (!response.ok) throw refuse(response, data);
  notePosition(response.headers.get("x-position"));
  const { status } = response;
  return { data, status, etag: response.headers.get("etag"), location: response.headers.get("location") };
}

const lost = new Set<(problem: Problem) => void>();

/** Calls back when the session is over or its password must be changed. */
export function onSessionLost(listener: (problem: Problem) => void): () => void {
  lost.add(listener);
  return () => lost.delete(listener);
}

function refuse(response: Response, data: unknown): Problem {
  const body = (data ?? {}) as Partial<ProblemBody>;
  const fallback = response.status >= 500 ? "unavailable" : "unexpected";
  const problem = new Problem({ ...body, status: response.status, code: body.code ?? fallback });
  if (problem.code === "unauthenticated" || problem.code === "password_change_required") {
    for (const listener of lost) listener(problem);
  }
  return problem;
}

export const api = {
  get: <T>(path: string, options?: RequestOptions) => request<T>("GET", path, options),
  post: <T>(path: string, body?: unknown, options?: RequestOptions) =>
    request<T>("POST", path, { ...options, body: body ?? {} }),
  put: <T>(path: string, body: unknown, options?: RequestOptions) =>
    request<T>("PUT", path, { ...options, body }),
  patch: <T>(path: string, body: unknown, options?: RequestOptions) =>
    request<T>("PATCH", path, { ...options, body }),
  delete: <T>(path: string, options?: RequestOptions) => request<T>("DELETE", path, options),
};

/** A fresh key for one intent: keep it in the form's state, so that a retry is the same intent. */
export function newIdempotencyKey(): string {
  return crypto.randomUUID();
}
