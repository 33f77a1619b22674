/** Users' own values on the page: isolated, so that a name in one script never turns the sentence around it. */
import type { ReactNode } from "react";
import classes from "./text.module.css";

/** Any value a person typed: a name, a city, a tag. */
export function U({ children, className }: { children: ReactNode; className?: string }) {
  return <bdi className={className}>{children}</bdi>;
}

/** Phones, e-mail addresses, ids: always left to right. */
export function Ltr({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <bdi dir="ltr" className={className ? `${classes.ltr} ${className}` : classes.ltr}>
      {children}
    </bdi>
  );
}

/** A figure: tabular numerals, end-aligned by its cell. */
export function Figure({ children }: { children: ReactNode }) {
  return <span className={classes.figure}>{children}</span>;
}

/** A key to press, as it stands on keyboards. */
export function Key({ children }: { children: ReactNode }) {
  return <kbd className={classes.key}>{children}</kbd>;
}
