/** The button that opens the choice of columns; what can be dragged is loaded when it is opened. */
import { ActionIcon, Popover, Tooltip } from "@mantine/core";
import { IconColumns3 } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { t } from "../../i18n/i18n.tsx";
import { Lines } from "../../ui/states.tsx";
import classes from "./ColumnsMenu.module.css";
import type { Chosen } from "./useColumns.ts";

const ColumnsList = lazy(() => import("./ColumnsList.tsx"));

export function ColumnsMenu(chosen: Chosen) {
  return (
    <Popover position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Tooltip label={t("customers.columns")}>
          <ActionIcon size={28} aria-label={t("customers.columns")}>
            <IconColumns3 size={16} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={classes.frame}>
          <Suspense fallback={<Lines count={8} height={32} />}>
            <ColumnsList {...chosen} />
          </Suspense>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
