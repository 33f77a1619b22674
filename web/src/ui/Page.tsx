/** The frame of every page: a title, what it counts, actions at the end, tabs below, then the page's own scroll. */
import { type ReactNode, useEffect } from "react";
import classes from "./Page.module.css";

type PageProps = {
  title: string;
  /** Shown beside the title: a count, a state. */
  aside?: ReactNode;
  actions?: ReactNode;
  tabs?: ReactNode;
  /** `table`: the content brings its own scroll; `text`: a readable measure; `wide`: the full width, scrolled here. */
  layout?: "table" | "text" | "wide";
  children: ReactNode;
};

export function Page({ title, aside, actions, tabs, layout = "wide", children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Rapport`;
  }, [title]);
  return (
    <div className={classes.page} data-layout={layout}>
      <header className={classes.header} data-tabs={tabs ? true : undefined}>
        <div className={classes.bar}>
          <h1 className={classes.title}>{title}</h1>
          {aside && <div className={classes.aside}>{aside}</div>}
          {actions && <div className={classes.actions}>{actions}</div>}
        </div>
        {tabs}
      </header>
      <div className={classes.content}>{children}</div>
    </div>
  );
}

/** A titled part of a page. */
export function Section(props: {
  title: ReactNode;
  text?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={classes.section}>
      <header className={classes.sectionHeader}>
        <div>
          <h2 className={classes.sectionTitle}>{props.title}</h2>
          {props.text && <p className={classes.sectionText}>{props.text}</p>}
        </div>
        {props.actions && <div className={classes.actions}>{props.actions}</div>}
      </header>
      {props.children}
    </section>
  );
}

/** A bordered surface. */
export function Panel({ children, padded = true }: { children: ReactNode; padded?: boolean }) {
  return (
    <div className={classes.panel} data-padded={padded || undefined}>
      {children}
    </div>
  );
}
