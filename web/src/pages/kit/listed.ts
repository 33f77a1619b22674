/** Several words as a list in the chosen language. */
import { locale } from "@/i18n/i18n.tsx";

export function listed(words: string[]): string {
  return new Intl.ListFormat(locale(), { style: "long", type: "unit" }).format(words);
}
