import { explain } from "../api/explain.ts";
import { t } from "../i18n/i18n.tsx";
import classes from "./StartFailure.module.css";

/** The server was not there when the page opened: before any library is set up, so plain elements. */
export function StartFailure({ error }: { error: unknown }) {
  return (
    <main className={classes.failure} role="alert">
      <h1>{t("common.failed_to_load")}</h1>
      <p>{explain(error)}</p>
      <button type="button" onClick={() => location.reload()}>
        {t("common.try_again")}
      </button>
    </main>
  );
}
