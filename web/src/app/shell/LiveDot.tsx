import { Tooltip } from "@mantine/core";
import { IconCloudOff, IconLoader2, IconPointFilled } from "@tabler/icons-react";
import { useLiveState } from "../../api/live.ts";
import { t } from "../../i18n/i18n.tsx";
import classes from "./LiveDot.module.css";

const WORDS = {
  live: "shell.live",
  connecting: "shell.live_connecting",
  offline: "shell.live_offline",
} as const;
const PICTURES = { live: IconPointFilled, connecting: IconLoader2, offline: IconCloudOff };

/** Whether the page follows what others do; a word is shown only when it does not. */
export function LiveDot() {
  const state = useLiveState();
  const Picture = PICTURES[state];
  return (
    <Tooltip label={t(state === "offline" ? "shell.live_offline_hint" : WORDS[state])}>
      <span className={classes.dot} data-state={state} role="status">
        <Picture size={state === "live" ? 14 : 16} stroke={1.75} aria-hidden />
        <span className={state === "offline" ? undefined : "visually-hidden"}>{t(WORDS[state])}</span>
      </span>
    </Tooltip>
  );
}
