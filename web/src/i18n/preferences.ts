/** What one person chose on this device: theme, language, calendar, digits. Owns their storage and nothing else. */
import { useSyncExternalStore } from "react";

export type Language = "en" | "fa";
export type Theme = "light" | "dark" | "auto";
/** `auto` follows the workspace's setting (calendar) or the language (digits). */
export type CalendarChoice = "auto" | "gregorian" | "jalali";
export type DigitsChoice = "auto" | "latn" | "arabext";
export type Density = "comfortable" | "compact";

export type Preferences = {
  theme: Theme;
  language: Language;
  calendar: CalendarChoice;
  digits: DigitsChoice;
  density: Density;
  sidebar: "wide" | "narrow";
};

const DEFAULTS: Preferences = {
  theme: "auto",
  language: globalThis.navigator?.language?.startsWith("fa") ? "fa" : "en",
  calendar: "auto",
  digits: "auto",
  density: "comfortable",
  sidebar: "wide",
};

const listeners = new Set<() => void>();
let current: Preferences = load();

function load(): Preferences {
  const stored: Record<string, string> = {};
  for (const key of Object.keys(DEFAULTS)) {
    const value = storage()?.getItem(`rapport.${key}`);
    if (value) stored[key] = value;
  }
  return { ...DEFAULTS, ...stored } as Preferences;
}

function storage(): Storage | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

export const preferences = {
  get: (): Preferences => current,
  set(change: Partial<Preferences>): void {
    current = { ...current, ...change };
    for (const [key, value] of Object.entries(change)) storage()?.setItem(`rapport.${key}`, value);
    for (const listener of listeners) listener();
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

export function usePreferences(): Preferences {
  return useSyncExternalStore(preferences.subscribe, preferences.get, preferences.get);
}
