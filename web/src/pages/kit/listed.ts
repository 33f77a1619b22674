/** Several words as a list in the chosen language, each isolated: a role's English name does not turn the Persian list. */
import { locale } from "@/i18n/i18n.tsx";

export function listed(words: string[]): string {
  const isolated = words.map((word) => `\u2068${word}\u2069`);
  return new Intl.ListFormat(locale(), { style: "long", type: "unit" }).format(isolated);
}
