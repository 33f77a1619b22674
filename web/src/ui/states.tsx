/** What a page says when there is nothing, nothing yet, or a failure. */
import { Button, Skeleton } from "@mantine/core";
import { IconAlertTriangle, IconRefresh } from "@tabler/icons-react";
import type { ComponentType, ReactNode } from "react";
import { explain } from "../api/explain.ts";
import { t } from "../i18n/i18n.tsx";
import classes from "./states.module.css";

type Icon = ComponentType<{ size?: number; stroke?: number }>;

/** Nothing here: says why, and what to do next. */
export function Empty(props: {
  icon: Icon;
  title: ReactNode;
  text?: ReactNode;
  children?: ReactNode;
  compact?: boolean;
}) {
  const { icon: Picture, title, text, children, compact } = props;
  return (
    <div className={classes.empty} data-compact={compact || undefined}>
      <span className={classes.picture}>
        <Picture size={compact ? 18 : 22} stroke={1.5} />
      </span>
      <p className={classes.title}>{title}</p>
      {text && <p className={classes.text}>{text}</p>}
      {children && <div className={classes.actions}>{children}</div>}
    </div>
  );
}

/** A part of the page that could not be loaded, with the way to try again. */
export function Failure({
  error,
  retry,
  compact,
}: {
  error: unknown;
  retry?: () => void;
  compact?: boolean;
}) {
  return (
    <div role="alert">
      <Empty
        icon={IconAlertTriangle}
        title={t("common.failed_to_load")}
        text={explain(error)}
        compact={compact}
      >
        {retry && (
          <Button variant="default" leftSection={<IconRefresh size={16} stroke={1.75} />} onClick={retry}>
            {t("common.try_again")}
          </Button>
        )}
      </Empty>
    </div>
  );
}

/** A sentence inside a page or form: what was refused, or what to mind. */
export function Notice({
  tone = "error",
  children,
}: {
  tone?: "error" | "warn" | "info" | "ok";
  children: ReactNode;
}) {
  return (
    <div className={classes.notice} data-tone={tone} role={tone === "error" ? "alert" : "status"}>
      {children}
    </div>
  );
}

/** Lines of the height that will come, so that nothing moves when it does. */
export function Lines({ count = 3, height = 36 }: { count?: number; height?: number }) {
  return (
    <div aria-hidden className={classes.lines}>
      {Array.from({ length: count }, (_, line) => line).map((line) => (
        <div key={line} className={classes.line} style={{ blockSize: height }}>
          <Skeleton height={10} width={`${72 - ((line * 17) % 38)}%`} radius="sm" />
        </div>
      ))}
    </div>
  );
}
