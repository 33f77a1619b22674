import { nameOf } from "../api/queries.ts";
import type { SearchItem } from "../api/types.ts";
import { t } from "../i18n/i18n.tsx";
import { Avatar } from "./Avatar.tsx";
import { Badge } from "./Badge.tsx";
import classes from "./CustomerLine.module.css";
import { Ltr, U } from "./text.tsx";

/** One customer in a list of suggestions: who, then how one tells them apart; disabled ones grey. */
export function CustomerLine({ hit }: { hit: SearchItem }) {
  const name = nameOf(hit);
  const place = hit.company_name || hit.city;
  return (
    <span className={classes.line} data-disabled={!hit.enabled || undefined}>
      <Avatar name={name} kind={hit.kind} size={26} />
      <span className={classes.text}>
        <U className={classes.name}>{name}</U>
        <span className={classes.more}>
          {place && <U>{place}</U>}
          {(hit.phone || hit.email) && <Ltr>{hit.phone || hit.email}</Ltr>}
        </span>
      </span>
      {!hit.enabled && <Badge>{t("common.disabled")}</Badge>}
    </span>
  );
}
