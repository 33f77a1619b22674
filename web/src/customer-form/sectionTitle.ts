/** What a section of custom fields is called. */
import type { FieldSection } from "../api/types.ts";
import { type MessageKey, t } from "../i18n/i18n.tsx";

const BUILT_IN_TITLES: Record<string, string> = {
  general: "General",
  contact: "Contact",
  location: "Location",
  other: "Other",
};

/** The built-in ones are the console's words until somebody renames them. */
export function sectionTitle({ id, title, built_in }: FieldSection): string {
  return built_in && BUILT_IN_TITLES[id] === title ? t(`customer.section_${id}` as MessageKey) : title;
}
