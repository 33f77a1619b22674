import { IconLock } from "@tabler/icons-react";
import type { RouteComponent } from "@tanstack/react-router";
import { t } from "../i18n/i18n.tsx";
import { Empty } from "../ui/states.tsx";
import { useCan } from "./session.tsx";

/** The page, or the word that one lacks the right for it. Its code can be fetched before it is opened. */
export function guarded(permission: string | undefined, Inner: RouteComponent): RouteComponent {
  function Guarded() {
    const can = useCan();
    if (!permission || can(permission)) return <Inner />;
    return <Empty icon={IconLock} title={t("common.no_right_title")} text={t("problem.forbidden")} />;
  }
  return Object.assign(Guarded, { preload: Inner.preload });
}
