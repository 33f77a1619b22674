/** What stands around every page: the sidebar, the bar with the search, and the keys that work everywhere. */
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { t } from "../../i18n/i18n.tsx";
import { preferences, usePreferences } from "../../i18n/preferences.ts";
import { useKeys } from "../../ui/keys.ts";
import { useCan } from "../session.tsx";
import classes from "./Shell.module.css";
import { Sidebar } from "./Sidebar.tsx";
import { TopBar } from "./TopBar.tsx";

const KeysHelp = lazy(() => import("./KeysHelp.tsx").then((loaded) => ({ default: loaded.KeysHelp })));
const PhoneMenu = lazy(() => import("./PhoneMenu.tsx").then((loaded) => ({ default: loaded.PhoneMenu })));
const Palette = lazy(() => import("./Palette.tsx").then((loaded) => ({ default: loaded.Palette })));

export function Shell() {
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const [menu, setMenu] = useState<boolean | null>(null);
  const { sidebar } = usePreferences();
  const path = useRouterState({ select: (state) => state.location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawer closes whenever the path changes
  useEffect(() => setMenu((was) => was && false), [path]);
  useShellKeys(setPalette, setHelp);
  return (
    <div className={classes.shell} data-sidebar={sidebar}>
      <a className={classes.skip} href="#content">
        {t("shell.skip_to_content")}
      </a>
      <div className={classes.sidebar}>
        <Sidebar narrow={sidebar === "narrow"} />
      </div>
      <div className={classes.main}>
        <TopBar
          onMenu={() => setMenu(true)}
          onPalette={() => setPalette(true)}
          onHelp={() => setHelp(true)}
        />
        <main id="content" className={classes.content} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <Suspense>
        {menu !== null && <PhoneMenu opened={menu} onClose={() => setMenu(false)} />}
        {palette && <Palette opened onClose={() => setPalette(false)} onHelp={() => setHelp(true)} />}
        {help && <KeysHelp opened onClose={() => setHelp(false)} />}
      </Suspense>
    </div>
  );
}

function useShellKeys(setPalette: (open: boolean) => void, setHelp: (open: boolean) => void): void {
  const navigate = useNavigate();
  const can = useCan();
  useKeys({
    "mod+KeyK": () => setPalette(true),
    "shift+Slash": () => setHelp(true),
    Slash: () => document.getElementById("quick-search")?.focus(),
    KeyN: () => can("customers.create") && void navigate({ to: "/customers/new" }),
    "mod+KeyB": () => preferences.set({ sidebar: preferences.get().sidebar === "wide" ? "narrow" : "wide" }),
  });
}
