/** A day, typed or picked, in the calendar in force; the value is always a Gregorian `YYYY-MM-DD`. */
import { ActionIcon, Popover, TextInput } from "@mantine/core";
import { IconCalendar } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { calendar, day } from "../i18n/format.ts";
import { t } from "../i18n/i18n.tsx";
import { parseDay } from "../i18n/jalali.ts";

const DayCalendar = lazy(() => import("./DayCalendar.tsx"));

type DayInputProps = {
  value: string | null;
  onChange: (day: string | null) => void;
  label?: string;
  /** For where a visible label stands elsewhere. */
  ariaLabel?: string;
  autoFocus?: boolean;
  onBlur?: () => void;
};

export function DayInput({ value, onChange, label, ariaLabel, autoFocus, onBlur }: DayInputProps) {
  const [text, setText] = useState(value ? day(value, "numeric") : "");
  const [opened, setOpened] = useState(false);
  useEffect(() => setText(value ? day(value, "numeric") : ""), [value]);
  const wrong = text.trim() !== "" && parseDay(text) === null;
  const commit = () => {
    if (!text.trim()) onChange(null);
    else if (parseDay(text)) onChange(parseDay(text));
    onBlur?.();
  };
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      trapFocus
      returnFocus
      withRoles={false}
    >
      <Popover.Target>
        <TextInput
          label={label}
          aria-label={ariaLabel}
          data-autofocus={autoFocus || undefined}
          value={text}
          dir="ltr"
          placeholder={t(calendar() === "jalali" ? "common.date_hint_jalali" : "common.date_hint")}
          error={wrong ? t("common.date_invalid") : undefined}
          onChange={(event) => setText(event.currentTarget.value)}
          onBlur={commit}
          onKeyDown={(event) => event.key === "Enter" && commit()}
          rightSection={
            <ActionIcon
              aria-label={t("common.choose_date")}
              aria-haspopup="dialog"
              aria-expanded={opened}
              onClick={() => setOpened(!opened)}
            >
              <IconCalendar size={16} stroke={1.75} />
            </ActionIcon>
          }
        />
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label={t("common.choose_date")}>
        <Suspense fallback={<div style={{ inlineSize: 264, blockSize: 300 }} />}>
          <DayCalendar
            value={value}
            onChange={(picked) => {
              onChange(picked);
              setOpened(false);
            }}
          />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
