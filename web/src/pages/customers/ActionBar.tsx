/** What can be done with the selected customers, docked above the list while there are any. */
import { ActionIcon, Button } from "@mantine/core";
import { IconMessage, IconNotes, IconX } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { Query } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { T, t } from "../../i18n/i18n.tsx";
import { sentenceOf, useKnown } from "../../query/words.ts";
import { foundAudience, passAudience, peopleAudience } from "../messages/audience.ts";
import classes from "./ActionBar.module.css";
import { type Selection, sizeOf } from "./useSelection.ts";

type Props = {
  selection: Selection;
  count: number | null;
  loaded: number;
  query: Query | null;
  onAll: (() => void) | null;
  onClear: () => void;
  onLog: (ids: string[]) => void;
};

const MOST_LOGGED = 500;

export function ActionBar({ selection, count, loaded, query, onAll, onClear, onLog }: Props) {
  const can = useCan();
  const navigate = useNavigate();
  const known = useKnown(query);
  const size = sizeOf(selection, count);
  if (size === 0) return null;
  const write = () => {
    const title = query ? sentenceOf(query, known) : t("customers.everybody");
    passAudience(
      selection.all
        ? foundAudience(query ?? { all: [] }, title, count)
        : peopleAudience([...selection.ids], t("customers.chosen", { count: size })),
    );
    void navigate({ to: "/messages/compose" });
  };
  const offersAll =
    !selection.all && onAll && count !== null && count > selection.ids.size && size >= Math.min(loaded, 2);
  return (
    <div className={classes.dock}>
      <div className={classes.bar} role="toolbar" aria-label={t("customers.actions")}>
        <span className={classes.count} role="status">
          <T id={selection.all ? "customers.all_selected" : "customers.selected"} values={{ count: size }} />
        </span>
        {offersAll && (
          <Button size="xs" variant="subtle" onClick={onAll}>
            {t("customers.select_all_results", { count: count ?? 0 })}
          </Button>
        )}
        <span className={classes.rule} />
        {can("messages.send") && (
          <Button size="xs" leftSection={<IconMessage size={16} stroke={1.75} />} onClick={write}>
            {t("customers.send_sms")}
          </Button>
        )}
        {can("entries.create") && !selection.all && size <= MOST_LOGGED && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconNotes size={16} stroke={1.75} />}
            onClick={() => onLog([...selection.ids])}
          >
            {t("customers.log_entry")}
          </Button>
        )}
        <ActionIcon aria-label={t("customers.clear_selection")} onClick={onClear}>
          <IconX size={16} stroke={1.75} />
        </ActionIcon>
      </div>
    </div>
  );
}
