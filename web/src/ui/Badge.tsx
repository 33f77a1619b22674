import type { ReactNode } from "react";
import classes from "./Badge.module.css";

export type Tone = "plain" | "info" | "ok" | "warn" | "error" | "accent";

/** A state as a bordered word: never by colour alone. */
export function Badge({
  tone = "plain",
  icon,
  children,
}: {
  tone?: Tone;
  icon?: ReactNode;
  children: ReactNode;
}) {
  return (
    <span className={classes.badge} data-tone={tone}>
      {icon}
      {children}
    </span>
  );
}
