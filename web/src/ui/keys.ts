/**
 * Shortcuts by physical key (`event.code`), so that they work on a Persian keyboard as on an English one.
 * A binding is `mod+KeyK`, `shift+Slash`, `KeyN`; bindings without `mod` rest while somebody types.
 */
import { useEffect, useRef } from "react";

export type Bindings = Record<string, (event: KeyboardEvent) => void>;

/** The name of the pressed combination, as bindings spell it. */
export function combination(
  event: Pick<KeyboardEvent, "code" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">,
): string {
  const mod = event.ctrlKey || event.metaKey ? "mod+" : "";
  return `${mod}${event.altKey ? "alt+" : ""}${event.shiftKey ? "shift+" : ""}${event.code}`;
}

/** True while the focus is where letters are text. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  )
    return true;
  return (
    target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit"].includes(target.type)
  );
}

/** True while a dialog is open: the page behind it must not react. */
function isCovered(): boolean {
  return document.querySelector('[role="dialog"][aria-modal="true"]') !== null;
}

/** Listens while the component is shown. A handled key does nothing else. */
export function useKeys(bindings: Bindings, active = true): void {
  const latest = useRef(bindings);
  latest.current = bindings;
  useEffect(() => {
    if (!active) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const name = combination(event);
      const run = latest.current[name];
      if (!run || isCovered() || (!name.startsWith("mod+") && isTyping(event.target))) return;
      event.preventDefault();
      run(event);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [active]);
}
