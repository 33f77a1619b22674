/** Failures in the person's language: by the problem's code, else by what the service said. */
import { known, type MessageKey, t } from "../i18n/i18n.tsx";
import { Problem } from "./client.ts";

/** One sentence for any failure. */
export function explain(error: unknown): string {
  if (!(error instanceof Problem)) return t("problem.unexpected");
  const key = `problem.${error.code}`;
  if (error.code === "validation_failed") return validation(error);
  return known(key) ? t(key as MessageKey) : (error.body.detail ?? t("problem.unexpected"));
}

function validation(problem: Problem): string {
  const details = problem.body.errors?.map((error) => error.detail).filter(Boolean) ?? [];
  return details.length
    ? [...new Set(details)].join(" ")
    : (problem.body.detail ?? t("problem.validation_failed"));
}
