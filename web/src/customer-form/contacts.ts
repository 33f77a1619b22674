import {
  IconAt,
  IconBrandWhatsapp,
  IconDeviceMobile,
  IconMail,
  IconMapPin,
  IconPhone,
  IconPrinter,
  IconWorld,
} from "@tabler/icons-react";
import type { ContactKind } from "../api/types.ts";
import { t } from "../i18n/i18n.tsx";

/** Contact kinds, most used first. */
export const CONTACT_KINDS: ContactKind[] = [
  "mobile",
  "phone",
  "email",
  "whatsapp",
  "website",
  "social",
  "fax",
  "address",
];

const PICTURES = {
  mobile: IconDeviceMobile,
  phone: IconPhone,
  email: IconMail,
  whatsapp: IconBrandWhatsapp,
  website: IconWorld,
  social: IconAt,
  fax: IconPrinter,
  address: IconMapPin,
} satisfies Record<ContactKind, unknown>;

export function contactPicture(kind: ContactKind) {
  return PICTURES[kind];
}

export function contactLabel(kind: ContactKind): string {
  return t(`customer.contact_${kind}`);
}

/** Numbers and addresses of machines are left to right in every language; streets are not. */
export function isLtr(kind: ContactKind): boolean {
  return kind !== "address";
}
