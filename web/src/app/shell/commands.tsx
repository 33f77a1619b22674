/** What the palette can do besides opening customers: go to any page one may open, create, change how it all looks. */
import {
  IconDeviceDesktop,
  IconKeyboard,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconPlus,
  IconSun,
} from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { t } from "../../i18n/i18n.tsx";
import { preferences } from "../../i18n/preferences.ts";
import { AREAS } from "../areas.ts";
import { signOut, useCan } from "../session.tsx";

export type Command = {
  id: string;
  label: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
  run: () => void;
  keys?: string;
};

export function useCommands(onHelp: () => void): Command[] {
  const navigate = useNavigate();
  const can = useCan();
  const pages = AREAS.filter((area) => area.nav && (!area.permission || can(area.permission))).map(
    (area) => ({
      id: area.path,
      label: t("shell.go_to", { page: t(area.nav?.label ?? "shell.customers") }),
      icon: area.nav?.icon ?? IconPlus,
      run: () => void navigate({ to: area.path }),
    }),
  );
  const create: Command[] = can("customers.create")
    ? [
        {
          id: "new",
          label: t("shell.new_customer"),
          icon: IconPlus,
          run: () => void navigate({ to: "/customers/new" }),
          keys: "N",
        },
      ]
    : [];
  return [...create, ...pages, ...appearance(), ...rest(onHelp)];
}

function appearance(): Command[] {
  const { language } = preferences.get();
  const other = language === "fa" ? "en" : "fa";
  return [
    {
      id: "light",
      label: t("shell.use_light"),
      icon: IconSun,
      run: () => preferences.set({ theme: "light" }),
    },
    { id: "dark", label: t("shell.use_dark"), icon: IconMoon, run: () => preferences.set({ theme: "dark" }) },
    {
      id: "auto",
      label: t("shell.use_auto"),
      icon: IconDeviceDesktop,
      run: () => preferences.set({ theme: "auto" }),
    },
    {
      id: "language",
      label: t(other === "fa" ? "language.switch_to_fa" : "language.switch_to_en"),
      icon: IconLanguage,
      run: () => preferences.set({ language: other }),
    },
  ];
}

function rest(onHelp: () => void): Command[] {
  return [
    { id: "keys", label: t("shell.keys"), icon: IconKeyboard, run: onHelp, keys: "?" },
    { id: "sign-out", label: t("shell.sign_out"), icon: IconLogout, run: () => void signOut() },
  ];
}
