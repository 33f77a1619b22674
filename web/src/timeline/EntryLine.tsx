import type { Entry } from "../api/types.ts";
import { ago, dateTime } from "../i18n/format.ts";
import { U } from "../ui/text.tsx";
import classes from "./EntryLine.module.css";
import { pictureOf } from "./kinds.ts";
import { EntryTitle } from "./title.tsx";

/** An entry in one or two lines, for where there is little room. */
export function EntryLine({ entry }: { entry: Entry }) {
  const Picture = pictureOf(entry.kind);
  const text = entry.actions.map((action) => action.text).find(Boolean);
  return (
    <div className={classes.line}>
      <Picture size={16} stroke={1.75} />
      <div className={classes.words}>
        <p className={classes.title}>
          <span>
            <EntryTitle entry={entry} />
          </span>
          <time dateTime={entry.occurred_at} title={dateTime(entry.occurred_at)}>
            {ago(entry.occurred_at)}
          </time>
        </p>
        {text && (
          <p className={classes.text}>
            <U>{text}</U>
          </p>
        )}
      </div>
    </div>
  );
}
