/** Paths to pages: the shell around them, each page its own chunk, a right checked before its page is asked for. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { t } from "../i18n/i18n.tsx";
import { Failure } from "../ui/states.tsx";
import { AREAS } from "./areas.ts";
import { guarded } from "./guarded.tsx";
import { NotFound } from "./NotFound.tsx";
import { Shell } from "./shell/Shell.tsx";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/customers" });
  },
});

const pages = AREAS.map((area) =>
  createRoute({
    getParentRoute: () => root,
    path: area.path,
    component: guarded(area.permission, lazyRouteComponent(area.page)),
  }),
);

export const router = createRouter({
  routeTree: root.addChildren([home, ...pages]),
  defaultPreload: "intent",
  defaultErrorComponent: ({ error, reset }) => <Failure error={error} retry={reset} />,
  defaultPendingComponent: () => <span className="visually-hidden">{t("common.loading")}</span>,
  scrollRestoration: false,
});
