/** Below a text: how many parts it has, what forces Unicode and how to avoid it, variables that do not exist. */
import { Button } from "@mantine/core";
import { T, t } from "@/i18n/i18n.tsx";
import { Notice } from "@/ui/states.tsx";
import type { Preview, Variable } from "./api.ts";
import css from "./messages.module.css";
import { measure, plainFor, plainText } from "./sms.ts";
import { rename, unknown } from "./variables.ts";

type Props = {
  text: string;
  onChange: (text: string) => void;
  variables: Variable[];
  /** What the service counted over the real recipients, when it has. */
  counted?: Pick<Preview, "encoding" | "parts" | "total_parts" | "forced_by"> | null;
  recipients?: number;
};

export function TextNotes({ text, onChange, variables, counted, recipients = 0 }: Props) {
  const size = measure(text);
  const wrong = unknown(text, variables);
  const forced = size.forcedBy ?? counted?.forced_by ?? null;
  return (
    <div className={css.notes}>
      <p className={css.size} aria-live="polite">
        <span>{t("messages.size", { parts: counted?.parts ?? size.parts })}</span>
        <span>{t(`messages.encoding.${counted?.encoding ?? size.encoding}`)}</span>
        <span>{t("messages.left", { left: size.left })}</span>
        {counted && recipients > 0 ? (
          <span>{t("messages.total_parts", { total: counted.total_parts })}</span>
        ) : null}
      </p>
      {variables.length > 0
        ? wrong.map(({ name, suggestion }) => (
            <Notice key={name} tone="error">
              <div className={css.noticeLine}>
                <span>
                  <T
                    id="messages.unknown_variable"
                    values={{ name: <bdi dir="ltr" key="n">{`{{${name}}}`}</bdi> }}
                  />
                </span>
                {suggestion ? (
                  <Button
                    size="compact-sm"
                    variant="default"
                    onClick={() => onChange(rename(text, name, suggestion))}
                  >
                    <span>
                      <T
                        id="messages.use_instead"
                        values={{
                          name: (
                            <bdi dir="ltr" key="n">
                              {titleOf(suggestion, variables)}
                            </bdi>
                          ),
                        }}
                      />
                    </span>
                  </Button>
                ) : null}
              </div>
            </Notice>
          ))
        : null}
      {forced ? <Forced text={text} forced={forced} onChange={onChange} recipients={recipients} /> : null}
    </div>
  );
}

function titleOf(name: string, variables: Variable[]): string {
  return name.startsWith("custom.")
    ? (variables.find((one) => one.name === name)?.title ?? name)
    : `{{${name}}}`;
}

type ForcedProps = { text: string; forced: string; onChange: (text: string) => void; recipients: number };

function Forced({ text, forced, onChange, recipients }: ForcedProps) {
  const plain = plainFor(forced);
  const after = measure(plainText(text));
  const now = measure(text);
  if (!text.includes(forced))
    return <p className={css.quiet}>{t("messages.forced_by_value", { char: forced })}</p>;
  if (plain === null || after.encoding === "UCS-2") {
    return <p className={css.quiet}>{t("messages.forced_by_script", { char: forced })}</p>;
  }
  const saves = now.parts > after.parts;
  return (
    <Notice tone={saves ? "warn" : "info"}>
      <div className={css.noticeLine}>
        <span>
          {t(saves ? "messages.forced" : "messages.forced_same", {
            char: forced,
            parts: now.parts,
            plain,
            after: after.parts,
          })}
          {saves && recipients > 0
            ? ` ${t("messages.forced_saves", { now: now.parts * recipients, after: after.parts * recipients })}`
            : ""}
        </span>
        <Button size="compact-sm" variant="default" onClick={() => onChange(plainText(text))}>
          {t("messages.use_plain")}
        </Button>
      </div>
    </Notice>
  );
}
