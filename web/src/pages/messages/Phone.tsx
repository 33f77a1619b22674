/** A phone with what one real recipient will read. */
import { ActionIcon } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { number } from "@/i18n/format.ts";
import { t } from "@/i18n/i18n.tsx";
import { Key } from "@/ui/text.tsx";
import { CustomerName } from "../kit/names.tsx";
import css from "./messages.module.css";

export function Phone({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <div className={css.phone}>
      <div className={css.phoneTop}>{title}</div>
      <div className={css.phoneScreen}>{children}</div>
    </div>
  );
}

export function Bubble({
  children,
  side = "in",
  note,
}: {
  children: ReactNode;
  side?: "in" | "out";
  note?: ReactNode;
}) {
  return (
    <div className={css.bubbleLine} data-side={side}>
      <div className={css.bubble} dir="auto">
        {children}
      </div>
      {note ? <div className={css.bubbleNote}>{note}</div> : null}
    </div>
  );
}

type SampleProps = {
  samples: { customer_id: string; body: string }[];
  at: number;
  step: (by: 1 | -1) => void;
};

/** The text as the recipients get it, one after the other; J and K step through them. */
export function SamplePhone({ samples, at, step }: SampleProps) {
  const sample = samples[at];
  if (!sample) {
    return (
      <Phone title={<span className={css.quiet}>{t("messages.phone.nobody")}</span>}>
        <p className={css.phoneEmpty}>{t("messages.phone.empty")}</p>
      </Phone>
    );
  }
  return (
    <div className={css.phoneArea}>
      <Phone title={<CustomerName id={sample.customer_id} />}>
        <Bubble>{sample.body}</Bubble>
      </Phone>
      <div className={css.phoneSteps}>
        <ActionIcon aria-label={t("messages.phone.previous")} disabled={at === 0} onClick={() => step(-1)}>
          <IconChevronLeft size={16} className="mirror" />
        </ActionIcon>
        <span className={css.quiet}>
          {number(at + 1)} / {number(samples.length)}
        </span>
        <ActionIcon
          aria-label={t("messages.phone.next")}
          disabled={at >= samples.length - 1}
          onClick={() => step(1)}
        >
          <IconChevronRight size={16} className="mirror" />
        </ActionIcon>
        <span className={css.keysHint} aria-hidden>
          <Key>J</Key> <Key>K</Key>
        </span>
      </div>
    </div>
  );
}
