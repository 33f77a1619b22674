/**
 * Every page of the console: its path, its right, its place in the sidebar. A page is added here and nowhere else; the
 * router, the sidebar and the palette read this list. Pages load when they are first opened.
 */
import {
  IconAddressBook,
  IconDeviceMobileMessage,
  IconFileImport,
  IconForms,
  IconHeartbeat,
  IconHistory,
  IconMessages,
  IconProgress,
  IconSettings,
  IconShieldLock,
  IconSitemap,
  IconTags,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { MessageKey } from "../i18n/i18n.tsx";

export type NavSection = "work" | "setup" | "operate";

export type Area = {
  path: string;
  page: () => Promise<{ default: ComponentType }>;
  /** Without it the page is not listed and says that it needs the right. */
  permission?: string;
  nav?: {
    section: NavSection;
    label: MessageKey;
    icon: ComponentType<{ size?: number; stroke?: number }>;
  };
};

export const AREAS: Area[] = [
  {
    path: "/customers",
    page: () => import("../pages/customers/CustomersPage.tsx"),
    permission: "customers.view",
    nav: { section: "work", label: "shell.customers", icon: IconAddressBook },
  },
];

/** Names and pictures of the sidebar's entries, for the areas whose pages are added by path. */
export const NAV = {
  imports: { section: "work", label: "shell.imports", icon: IconFileImport },
  messages: { section: "work", label: "shell.messages", icon: IconMessages },
  sandbox: { section: "work", label: "shell.sandbox", icon: IconDeviceMobileMessage },
  groups: { section: "setup", label: "shell.groups", icon: IconSitemap },
  fields: { section: "setup", label: "shell.fields", icon: IconForms },
  tags: { section: "setup", label: "shell.tags", icon: IconTags },
  users: { section: "setup", label: "shell.users", icon: IconShieldLock },
  settings: { section: "setup", label: "shell.settings", icon: IconSettings },
  jobs: { section: "operate", label: "shell.jobs", icon: IconProgress },
  audit: { section: "operate", label: "shell.audit", icon: IconHistory },
  system: { section: "operate", label: "shell.system", icon: IconHeartbeat },
} satisfies Record<string, Area["nav"]>;
