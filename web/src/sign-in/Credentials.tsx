import { type FormEvent, useState } from "react";
import { api } from "../api/client.ts";
import { explain } from "../api/explain.ts";
import { t } from "../i18n/i18n.tsx";
import { Field } from "./Field.tsx";
import classes from "./SignIn.module.css";

/** Name and password. What was typed stays when it was refused. */
export function Credentials({ onSignedIn }: { onSignedIn: (password: string) => Promise<void> }) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await api.post("/auth/sign-in", { username: username.trim(), password });
      await onSignedIn(password);
    } catch (problem) {
      setError(explain(problem));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      <h1 className={classes.title}>{t("sign-in.welcome")}</h1>
      <p className={classes.text}>{t("sign-in.intro")}</p>
      {error && (
        <p className={classes.error} role="alert">
          {error}
        </p>
      )}
      <Field
        label={t("sign-in.username")}
        value={username}
        onChange={setUsername}
        name="username"
        autoFocus
      />
      <Field
        label={t("sign-in.password")}
        value={password}
        onChange={setPassword}
        name="password"
        type="password"
        autoComplete="current-password"
      />
      <button type="submit" className={classes.submit} disabled={busy || !username.trim() || !password}>
        {busy ? t("sign-in.signing_in") : t("sign-in.submit")}
      </button>
    </form>
  );
}
