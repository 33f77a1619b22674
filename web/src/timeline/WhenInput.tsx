import { ActionIcon, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { dayOf } from "../i18n/format.ts";
import { t } from "../i18n/i18n.tsx";
import { DayInput } from "../ui/DayInput.tsx";
import classes from "./Composer.module.css";
import { instantOf, timeOf } from "./zone.ts";

/** A day and a time of the workspace's zone; null is "now". */
export function WhenInput({
  value,
  onChange,
}: {
  value: string;
  onChange: (instant: string | null) => void;
}) {
  const day = dayOf(value);
  const time = timeOf(value);
  return (
    <div className={classes.when}>
      <div className={classes.day}>
        <DayInput
          ariaLabel={t("timeline.day")}
          value={day}
          onChange={(next) => next && onChange(instantOf(next, time))}
        />
      </div>
      <TextInput
        type="time"
        dir="ltr"
        className={classes.time}
        aria-label={t("timeline.time")}
        value={time}
        onChange={(event) => event.currentTarget.value && onChange(instantOf(day, event.currentTarget.value))}
      />
      <ActionIcon size={32} aria-label={t("timeline.now")} onClick={() => onChange(null)}>
        <IconX size={16} stroke={1.75} />
      </ActionIcon>
    </div>
  );
}
