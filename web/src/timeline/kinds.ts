/** The kinds of entries that exist, with their pictures; the words are in the catalogue. */
import {
  IconFileImport,
  IconFolderMinus,
  IconFolderPlus,
  IconMessageDown,
  IconMessageUp,
  IconNote,
  IconPencil,
  IconPoint,
  IconUserPlus,
} from "@tabler/icons-react";
import type { ComponentType } from "react";

export const KINDS = [
  "note",
  "sms_sent",
  "sms_received",
  "customer_created",
  "customer_changed",
  "group_added",
  "group_removed",
  "imported",
] as const;

export type Kind = (typeof KINDS)[number];

type Icon = ComponentType<{ size?: number; stroke?: number }>;

const PICTURES: Record<Kind, Icon> = {
  note: IconNote,
  sms_sent: IconMessageUp,
  sms_received: IconMessageDown,
  customer_created: IconUserPlus,
  customer_changed: IconPencil,
  group_added: IconFolderPlus,
  group_removed: IconFolderMinus,
  imported: IconFileImport,
};

export function isKind(kind: string): kind is Kind {
  return (KINDS as readonly string[]).includes(kind);
}

export function pictureOf(kind: string): Icon {
  return isKind(kind) ? PICTURES[kind] : IconPoint;
}
