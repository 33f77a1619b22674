/** Where a file is dropped: takes one at a time, shows it going up, says clearly what is wrong with a bad one. */

import { Button, Loader } from "@mantine/core";
import { IconFileSpreadsheet, IconUpload } from "@tabler/icons-react";
import { type DragEvent, useRef, useState } from "react";
import { keys, queryClient } from "@/api/queryClient.ts";
import { T, t } from "@/i18n/i18n.tsx";
import { Notice } from "@/ui/states.tsx";
import { type Import, upload } from "./api.ts";
import css from "./import.module.css";
import { fileProblem, foundInFile } from "./refusal.ts";

const ACCEPT =
  ".xlsx,.csv,.tsv,.txt,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

function Found({ error }: { error: unknown }) {
  const found = foundInFile(error);
  return found ? (
    <p className={css.found} lang="en" dir="ltr">
      {found}
    </p>
  ) : null;
}

export function DropZone({ onDone, compact }: { onDone: (found: Import) => void; compact?: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [going, setGoing] = useState<string | null>(null);
  const [failed, setFailed] = useState<{ name: string; error: unknown } | null>(null);

  async function take(files: FileList | null) {
    const file = files?.[0];
    if (!file || going) return;
    setFailed(null);
    setGoing(file.name);
    try {
      const found = await upload(file);
      void queryClient.invalidateQueries({ queryKey: keys.imports });
      onDone(found);
    } catch (error) {
      setFailed({ name: file.name, error });
    } finally {
      setGoing(null);
      if (input.current) input.current.value = "";
    }
  }

  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files);
  }

  return (
    <div className={css.dropArea}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is the mouse's way; the button inside is everybody's */}
      <div
        className={css.drop}
        data-over={over || undefined}
        data-compact={compact || undefined}
        aria-busy={going !== null}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <span className={css.dropIcon}>
          {going ? <Loader size={20} /> : <IconFileSpreadsheet size={24} stroke={1.5} aria-hidden />}
        </span>
        <div className={css.dropText}>
          <p className={css.dropTitle}>
            {going ? (
              <T id="importing.drop.reading" values={{ file: <bdi key="f">{going}</bdi> }} />
            ) : (
              t("importing.drop.title")
            )}
          </p>
          <p className={css.quiet}>{t("importing.drop.hint")}</p>
        </div>
        <Button
          leftSection={<IconUpload size={16} stroke={1.75} />}
          disabled={going !== null}
          onClick={() => input.current?.click()}
        >
          {t("importing.drop.choose")}
        </Button>
        <input
          ref={input}
          type="file"
          accept={ACCEPT}
          hidden
          data-testid="import-file"
          onChange={(event) => void take(event.currentTarget.files)}
        />
      </div>
      {failed ? (
        <Notice tone="error">
          <strong>
            <bdi>{failed.name}</bdi>
          </strong>{" "}
          {fileProblem(failed.error)} {t("importing.bad.nothing_changed")}
          <Found error={failed.error} />
        </Notice>
      ) : null}
    </div>
  );
}
