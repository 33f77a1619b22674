import { IconHash } from "@tabler/icons-react";
import type { TagRef } from "../api/types.ts";
import { t } from "../i18n/i18n.tsx";
import { U } from "../ui/text.tsx";
import classes from "./EntryView.module.css";

/** The tags of an action; pressing one shows every entry that carries it. Unverified ones are dashed and say so. */
export function TagLine({ tags, onTag }: { tags: TagRef[]; onTag: (tag: TagRef) => void }) {
  return (
    <span className={classes.tags}>
      {tags.map((tag) => (
        <button
          key={tag.id}
          type="button"
          className={classes.tag}
          data-state={tag.state}
          title={tag.state === "unverified" ? t("timeline.unverified") : undefined}
          onClick={() => onTag(tag)}
        >
          <IconHash size={12} stroke={1.75} aria-hidden />
          <U>{tag.name}</U>
          {tag.state === "unverified" && <span className="visually-hidden">{t("timeline.unverified")}</span>}
        </button>
      ))}
    </span>
  );
}
