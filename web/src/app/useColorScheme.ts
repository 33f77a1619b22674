import { useSyncExternalStore } from "react";
import { usePreferences } from "../i18n/preferences.ts";

const dark = matchMedia("(prefers-color-scheme: dark)");

function subscribe(listener: () => void): () => void {
  dark.addEventListener("change", listener);
  return () => dark.removeEventListener("change", listener);
}

/** The scheme in force: the person's choice, else the system's. */
export function useColorScheme(): "light" | "dark" {
  const system = useSyncExternalStore(subscribe, () => dark.matches);
  const { theme } = usePreferences();
  if (theme !== "auto") return theme;
  return system ? "dark" : "light";
}
