import { type FormEvent, useState } from "react";
import { api } from "../api/client.ts";
import { explain } from "../api/explain.ts";
import { t } from "../i18n/i18n.tsx";
import { Field } from "./Field.tsx";
import classes from "./SignIn.module.css";

/** The first password was made by the system: everything else waits until one's own is chosen. */
export function NewPassword({ old, onDone }: { old: string | null; onDone: () => void }) {
  const [current, setCurrent] = useState(old ?? "");
  const [chosen, setChosen] = useState("");
  const [again, setAgain] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const differs = again !== "" && again !== chosen;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await api.post("/auth/password", { old: current, new: chosen });
      onDone();
    } catch (problem) {
      setError(explain(problem));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      <h1 className={classes.title}>{t("sign-in.choose_title")}</h1>
      <p className={classes.text}>{t("sign-in.choose_intro")}</p>
      {error && (
        <p className={classes.error} role="alert">
          {error}
        </p>
      )}
      {old === null && (
        <Field
          label={t("sign-in.old_password")}
          value={current}
          onChange={setCurrent}
          name="old"
          type="password"
          autoComplete="current-password"
        />
      )}
      <Field
        label={t("sign-in.new_password")}
        value={chosen}
        onChange={setChosen}
        name="new"
        type="password"
        autoComplete="new-password"
        hint={t("sign-in.password_hint")}
        autoFocus
      />
      <Field
        label={t("sign-in.again")}
        value={again}
        onChange={setAgain}
        name="again"
        type="password"
        autoComplete="new-password"
        error={differs ? t("sign-in.differs") : null}
      />
      <button
        type="submit"
        className={classes.submit}
        disabled={busy || !current || !chosen || again !== chosen}
      >
        {busy ? t("sign-in.saving") : t("sign-in.choose_submit")}
      </button>
    </form>
  );
}
