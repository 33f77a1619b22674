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
  {
    path: "/customers/new",
    page: () => import("../pages/new-customer/NewCustomerPage.tsx"),
    permission: "customers.create",
  },
  {
    path: "/customers/$id",
    page: () => import("../pages/customer/CustomerPage.tsx"),
    permission: "customers.view",
  },
  {
    path: "/import",
    page: () => import("../pages/import/ImportPage.tsx"),
    permission: "imports.view",
    nav: { section: "work", label: "shell.imports", icon: IconFileImport },
  },
  {
    path: "/import/$importId",
    page: () => import("../pages/import/OneImportPage.tsx"),
    permission: "imports.view",
  },
  {
    path: "/messages",
    page: () => import("../pages/messages/MessagesPage.tsx"),
    permission: "messages.view",
    nav: { section: "work", label: "shell.messages", icon: IconMessages },
  },
  {
    path: "/messages/compose",
    page: () => import("../pages/messages/ComposePage.tsx"),
    permission: "messages.send",
  },
  {
    path: "/templates",
    page: () => import("../pages/templates/TemplatesPage.tsx"),
    permission: "messages.view",
  },
  {
    path: "/sandbox",
    page: () => import("../pages/sandbox/SandboxPage.tsx"),
    permission: "sandbox.use",
    nav: { section: "work", label: "shell.sandbox", icon: IconDeviceMobileMessage },
  },
  {
    path: "/groups",
    page: () => import("../pages/groups/GroupsPage.tsx"),
    permission: "customers.view",
    nav: { section: "setup", label: "shell.groups", icon: IconSitemap },
  },
  {
    path: "/custom-fields",
    page: () => import("../pages/custom-fields/CustomFieldsPage.tsx"),
    permission: "customers.view",
    nav: { section: "setup", label: "shell.fields", icon: IconForms },
  },
  {
    path: "/tags",
    page: () => import("../pages/tags/TagsPage.tsx"),
    permission: "entries.view",
    nav: { section: "setup", label: "shell.tags", icon: IconTags },
  },
  {
    path: "/users",
    page: () => import("../pages/users/UsersPage.tsx"),
    nav: { section: "setup", label: "shell.users", icon: IconShieldLock },
  },
  {
    path: "/settings",
    page: () => import("../pages/settings/SettingsPage.tsx"),
    nav: { section: "setup", label: "shell.settings", icon: IconSettings },
  },
  {
    path: "/jobs",
    page: () => import("../pages/jobs/JobsPage.tsx"),
    nav: { section: "operate", label: "shell.jobs", icon: IconProgress },
  },
  { path: "/parked", page: () => import("../pages/parked/ParkedPage.tsx"), permission: "system.view" },
  {
    path: "/audit",
    page: () => import("../pages/audit/AuditPage.tsx"),
    permission: "audit.view",
    nav: { section: "operate", label: "shell.audit", icon: IconHistory },
  },
  {
    path: "/system",
    page: () => import("../pages/system/SystemPage.tsx"),
    permission: "system.view",
    nav: { section: "operate", label: "shell.system", icon: IconHeartbeat },
  },
];
