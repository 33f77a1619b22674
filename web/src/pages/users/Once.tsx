/** A secret that is shown now and never again. */
import { Button, CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { t } from "@/i18n/i18n.tsx";
import { Notice } from "@/ui/states.tsx";
import kit from "../kit/kit.module.css";
import css from "./users.module.css";

export function Once({ text, secret, onDone }: { text: string; secret: string; onDone: () => void }) {
  return (
    <div className={kit.form}>
      <Notice tone="warn">{text}</Notice>
      <code className={css.secret} dir="ltr">
        {secret}
      </code>
      <div className={kit.buttons}>
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} stroke={1.75} />}
              onClick={copy}
            >
              {t(copied ? "common.copied" : "common.copy")}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>{t("common.done")}</Button>
      </div>
    </div>
  );
}
