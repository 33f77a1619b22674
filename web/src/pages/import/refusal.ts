/** What is wrong with a file that was refused, by the codes of features.md I11. */
import { Problem } from "@/api/client.ts";
import { explain } from "@/api/explain.ts";
import { known, locale, t } from "@/i18n/i18n.tsx";

/** The words for a refused file. */
export function fileProblem(error: unknown): string {
  const key = error instanceof Problem ? `importing.bad.${error.code}` : "";
  return known(key) ? t(key) : explain(error);
}

/**
 * What exactly was found, as the service says it, in English. Beside a sentence in another language it stands only where it has
 * figures (a line, how many rows): without them it says the same again.
 */
export function foundInFile(error: unknown): string | null {
  if (!(error instanceof Problem) || !known(`importing.bad.${error.code}`)) return null;
  const detail = error.body.detail ?? null;
  return detail && (locale().startsWith("en") || /\d/.test(detail)) ? detail : null;
}
