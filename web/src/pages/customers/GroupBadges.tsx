import { Tooltip } from "@mantine/core";
import type { Group, Id } from "../../api/types.ts";
import { t } from "../../i18n/i18n.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { U } from "../../ui/text.tsx";
import classes from "./CustomersTable.module.css";

const SHOWN = 2;

/** Up to two groups, then "+2", which names the rest. */
export function GroupBadges({ ids, groups }: { ids: Id[]; groups: Group[] }) {
  const names = ids.flatMap((id) => groups.find((group) => group.id === id)?.name ?? []);
  const rest = names.slice(SHOWN);
  return (
    <span className={classes.badges}>
      {names.slice(0, SHOWN).map((name) => (
        <Badge key={name}>
          <U className={classes.badgeName}>{name}</U>
        </Badge>
      ))}
      {rest.length > 0 && (
        <Tooltip label={rest.join(t("common.comma"))}>
          <span>
            <Badge>{t("common.plus_more", { count: rest.length })}</Badge>
          </span>
        </Tooltip>
      )}
    </span>
  );
}
