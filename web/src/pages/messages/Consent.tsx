/** Whether a number wants messages, who said so and how; set by hand with a word of evidence. */
import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Consent } from "@/api/types.ts";
import { useCan } from "@/app/session.tsx";
import { dateTime } from "@/i18n/format.ts";
import { known, t } from "@/i18n/i18n.tsx";
import { Badge } from "@/ui/Badge.tsx";
import { done, failed } from "@/ui/toasts.tsx";
import kit from "../kit/kit.module.css";
import { consentKey, setConsent, useConsent } from "./api.ts";
import css from "./messages.module.css";

const TONES = { in: "ok", out: "error", none: "plain" } as const;

export function ConsentPart({ address }: { address: string }) {
  const { data } = useConsent(address);
  const can = useCan();
  const [editing, setEditing] = useState(false);
  if (!data) return null;
  return (
    <section className={css.consent}>
      <h3 className={css.columnTitle}>{t("messages.consent")}</h3>
      <p>
        <Badge tone={TONES[data.state]}>{t(`messages.consent.${data.state}`)}</Badge>{" "}
        {data.at ? <span className={kit.meta}>{dateTime(data.at)}</span> : null}
      </p>
      {data.how ? <p className={kit.quiet}>{howText(data.how)}</p> : null}
      {editing ? (
        <ConsentForm address={address} current={data} onDone={() => setEditing(false)} />
      ) : can("consent.edit") ? (
        <Button variant="default" size="compact-sm" onClick={() => setEditing(true)}>
          {t("messages.consent.change")}
        </Button>
      ) : null}
    </section>
  );
}

function howText(how: string): string {
  const key = `messages.consent_how.${how}`;
  return known(key) ? t(key) : how;
}

function ConsentForm({
  address,
  current,
  onDone,
}: {
  address: string;
  current: Consent;
  onDone: () => void;
}) {
  const queries = useQueryClient();
  const [state, setState] = useState(current.state);
  const [how, setHow] = useState("");
  async function save() {
    try {
      queries.setQueryData(consentKey(address), await setConsent(address, state, how.trim() || null));
      done(t("messages.consent.saved"), async () => {
        queries.setQueryData(consentKey(address), await setConsent(address, current.state, current.how));
      });
      onDone();
    } catch (problem) {
      failed(problem);
    }
  }
  return (
    <form
      className={kit.form}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <SegmentedControl
        aria-label={t("messages.consent")}
        data={(["in", "none", "out"] as const).map((value) => ({
          value,
          label: t(`messages.consent.${value}`),
        }))}
        value={state}
        onChange={(value) => setState(value as Consent["state"])}
      />
      <TextInput
        label={t("messages.consent.how")}
        placeholder={t("messages.consent.how_example")}
        dir="auto"
        maxLength={500}
        value={how}
        onChange={(event) => setHow(event.currentTarget.value)}
      />
      <div className={kit.buttons}>
        <Button variant="default" onClick={onDone}>
          {t("common.cancel")}
        </Button>
        <Button type="submit">{t("common.save")}</Button>
      </div>
    </form>
  );
}
