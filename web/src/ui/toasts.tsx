/** The bar at the bottom: what was just done, for ten seconds, with its way back. Ctrl-Z takes the newest one back. */
import { ActionIcon } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconX } from "@tabler/icons-react";
import { type ReactNode, useEffect, useSyncExternalStore } from "react";
import { explain } from "../api/explain.ts";
import { t } from "../i18n/i18n.tsx";
import { isTyping, useKeys } from "./keys.ts";
import { Key } from "./text.tsx";
import classes from "./toasts.module.css";

type Toast = { id: number; text: ReactNode; tone: "done" | "error"; undo?: () => Promise<unknown> };

const LIFE = 10_000;
let toasts: Toast[] = [];
let counter = 0;
const listeners = new Set<() => void>();

function publish(next: Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function show(toast: Omit<Toast, "id">): void {
  counter += 1;
  publish([...toasts.slice(-2), { ...toast, id: counter }]);
}

export function dismiss(id: number): void {
  publish(toasts.filter((toast) => toast.id !== id));
}

/** Says what was done; `undo` is the inverse call, offered for ten seconds. */
export function done(text: ReactNode, undo?: () => Promise<unknown>): void {
  show({ text, tone: "done", undo });
}

/** Says why something was not done. */
export function failed(error: unknown): void {
  show({ text: explain(error), tone: "error" });
}

async function takeBack(toast: Toast): Promise<void> {
  dismiss(toast.id);
  try {
    await toast.undo?.();
    show({ text: t("common.undone"), tone: "done" });
  } catch (error) {
    failed(error);
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  useKeys(
    {
      "mod+KeyZ": (event) => {
        const newest = toasts.findLast((toast) => toast.undo);
        if (newest && !isTyping(event.target)) void takeBack(newest);
      },
    },
    shown.some((toast) => toast.undo),
  );
  return (
    <div className={classes.stack} role="status" aria-live="polite">
      {shown.map((toast) => (
        <Bar key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function Bar({ toast }: { toast: Toast }) {
  useEffect(() => {
    const timer = setTimeout(() => dismiss(toast.id), LIFE);
    return () => clearTimeout(timer);
  }, [toast.id]);
  const Picture = toast.tone === "error" ? IconAlertTriangle : IconCircleCheck;
  return (
    <div className={classes.bar} data-tone={toast.tone}>
      <Picture size={16} stroke={1.75} className={classes.icon} aria-hidden />
      <span className={classes.text}>{toast.text}</span>
      {toast.undo && (
        <button type="button" className={classes.undo} onClick={() => void takeBack(toast)}>
          {t("common.undo")} <Key>Ctrl Z</Key>
        </button>
      )}
      <ActionIcon aria-label={t("common.dismiss")} onClick={() => dismiss(toast.id)}>
        <IconX size={16} stroke={1.75} />
      </ActionIcon>
    </div>
  );
}
