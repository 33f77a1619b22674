/** The live stream: one EventSource a window, its frames made into invalidations and handed to whoever listens. */
import { useEffect, useSyncExternalStore } from "react";
import type { Job, LiveChange } from "./types.ts";

export type LiveState = "connecting" | "live" | "offline";
type Listener = (change: LiveChange) => void;

const TOPICS = "customers,groups,custom_fields,timeline,tags,messages,users,jobs";
const changes = new Set<Listener>();
const jobs = new Set<(job: Job) => void>();
const resets = new Set<() => void>();
const watchers = new Set<() => void>();
let state: LiveState = "connecting";
let source: EventSource | null = null;
let retry = 1_000;
let opened = false;

function become(next: LiveState): void {
  if (state === next) return;
  state = next;
  for (const watcher of watchers) watcher();
}

/** Opens the stream and keeps it open; a gap ends in a `reset`, since what was missed is unknown. */
export function startLive(): void {
  source?.close();
  source = new EventSource(`/api/v1/live?topics=${TOPICS}`);
  source.addEventListener("open", onOpen);
  source.addEventListener("change", (event) => tell(changes, (event as MessageEvent<string>).data));
  source.addEventListener("job", (event) => tell(jobs, (event as MessageEvent<string>).data));
  source.addEventListener("reset", () => reset());
  source.addEventListener("error", onError);
}

function onOpen(): void {
  if (opened && state === "offline") reset();
  opened = true;
  retry = 1_000;
  become("live");
}

function onError(): void {
  become("offline");
  if (source?.readyState !== EventSource.CLOSED) return;
  setTimeout(startLive, retry);
  retry = Math.min(retry * 2, 30_000);
}

function reset(): void {
  for (const listener of resets) listener();
}

function tell<T>(listeners: Set<(value: T) => void>, data: string): void {
  const value = JSON.parse(data) as T;
  for (const listener of listeners) listener(value);
}

function subscription<T>(listeners: Set<T>): (listener: T) => () => void {
  return (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
}

export const onChange = subscription(changes);
export const onJob = subscription(jobs);
export const onReset = subscription(resets);
const onState = subscription(watchers);

export function useLiveState(): LiveState {
  return useSyncExternalStore(onState, () => state);
}

/** Calls back for live changes while the component is shown. Give a stable callback. */
export function useLive(listener: Listener): void {
  useEffect(() => onChange(listener), [listener]);
}
