import { useEffect, useState } from "react";
import { api, Problem, setCsrfToken } from "../api/client.ts";
import type { Me } from "../api/types.ts";
import { Logo } from "../app/shell/Logo.tsx";
import { activate, t } from "../i18n/i18n.tsx";
import { preferences, usePreferences } from "../i18n/preferences.ts";
import { Credentials } from "./Credentials.tsx";
import { NewPassword } from "./NewPassword.tsx";
import classes from "./SignIn.module.css";

type Step = { name: "credentials" } | { name: "password"; old: string | null };

/** Where to go when signed in: the page one came from, inside this console only. */
export function destination(search: string, origin: string): string {
  const next = new URLSearchParams(search).get("next");
  if (!next) return "/";
  const url = new URL(next, origin);
  return url.origin === origin ? `${url.pathname}${url.search}` : "/";
}

function enter(): void {
  location.replace(destination(location.search, location.origin));
}

/** Asks the server who this is; null when nobody is signed in. */
async function whoAmI(): Promise<Me | null> {
  try {
    return (await api.get<Me>("/auth/me")).data;
  } catch (error) {
    if (error instanceof Problem && error.status !== 0 && error.status < 500) return null;
    throw error;
  }
}

export function SignInPage() {
  const [step, setStep] = useState<Step>({ name: "credentials" });
  const language = useLanguage();
  const proceed = async (old: string | null) => {
    const me = await whoAmI();
    if (!me) return;
    setCsrfToken(me.csrf_token);
    if (me.password_change_required) setStep({ name: "password", old });
    else enter();
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page opens
  useEffect(() => void proceed(null).catch(() => undefined), []);
  return (
    <main className={classes.page} key={language}>
      <div className={classes.card}>
        <Logo size={36} />
        {step.name === "credentials" ? (
          <Credentials onSignedIn={(password) => proceed(password)} />
        ) : (
          <NewPassword old={step.old} onDone={enter} />
        )}
      </div>
      <Languages />
    </main>
  );
}

function useLanguage(): string {
  const { language } = usePreferences();
  const [shown, setShown] = useState(language);
  useEffect(() => {
    void activate(language, "sign-in").then(() => {
      document.title = `${t("sign-in.title")} · Rapport`;
      setShown(language);
    });
  }, [language]);
  return shown;
}

function Languages() {
  const { language } = usePreferences();
  return (
    <div className={classes.languages}>
      {(["en", "fa"] as const).map((one) => (
        <button
          key={one}
          type="button"
          lang={one}
          aria-pressed={language === one}
          onClick={() => preferences.set({ language: one })}
        >
          {t(`language.${one}`)}
        </button>
      ))}
    </div>
  );
}
