/** Fields in their sections and where a dragged or moved one lands. */
import type { CustomField, FieldSection, Id } from "@/api/types.ts";

export type Column = { section: FieldSection; fields: CustomField[] };

/** Sections in order, each with its fields in order. */
export function columns(sections: FieldSection[], fields: CustomField[]): Column[] {
  return [...sections]
    .sort((one, other) => one.position - other.position)
    .map((section) => ({
      section,
      fields: fields
        .filter((field) => field.section_id === section.id)
        .sort((one, other) => one.position - other.position),
    }));
}

export type Landing = { section_id: Id; position: number };

/** One place up or down; past the edge of a section it goes over into the next one. Null at the very edge. */
export function step(all: Column[], field: CustomField, by: -1 | 1): Landing | null {
  const at = all.findIndex((column) => column.section.id === field.section_id);
  const own = all[at];
  if (!own) return null;
  const position = own.fields.findIndex((one) => one.id === field.id) + by;
  if (position >= 0 && position < own.fields.length) return { section_id: own.section.id, position };
  const next = all[at + by];
  return next ? { section_id: next.section.id, position: by === 1 ? 0 : next.fields.length } : null;
}

/** Whether landing there changes anything. */
export function isElsewhere(all: Column[], field: CustomField, landing: Landing): boolean {
  const own = all.find((column) => column.section.id === field.section_id);
  const position = own?.fields.findIndex((one) => one.id === field.id);
  return landing.section_id !== field.section_id || landing.position !== position;
}
