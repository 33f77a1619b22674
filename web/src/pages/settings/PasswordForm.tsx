/** Changing one's own password. */
import { Button, PasswordInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { api, Problem } from "@/api/client.ts";
import { explain } from "@/api/explain.ts";
import { t } from "@/i18n/i18n.tsx";
import { Notice } from "@/ui/states.tsx";
import { done } from "@/ui/toasts.tsx";
import kit from "../kit/kit.module.css";

export function PasswordForm() {
  const [old, setOld] = useState("");
  const [wanted, setWanted] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);

  async function save(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setRefused(null);
    try {
      await api.post("/auth/password", { old, new: wanted });
      setOld("");
      setWanted("");
      done(t("settings.password_changed"));
    } catch (problem) {
      setRefused(problem);
    } finally {
      setBusy(false);
    }
  }

  const isOld = refused instanceof Problem && refused.code === "invalid_credentials";
  const toggle = { "aria-label": t("settings.show_password") };
  return (
    <form className={kit.form} onSubmit={(event) => void save(event)}>
      <PasswordInput
        label={t("settings.old_password")}
        autoComplete="current-password"
        value={old}
        required
        withAsterisk={false}
        visibilityToggleButtonProps={toggle}
        error={isOld ? t("settings.wrong_password") : undefined}
        onChange={(event) => setOld(event.currentTarget.value)}
      />
      <PasswordInput
        label={t("settings.new_password")}
        autoComplete="new-password"
        value={wanted}
        required
        withAsterisk={false}
        visibilityToggleButtonProps={toggle}
        onChange={(event) => setWanted(event.currentTarget.value)}
      />
      {refused && !isOld ? <Notice>{explain(refused)}</Notice> : null}
      <div className={kit.buttons}>
        <Button type="submit" loading={busy} disabled={!old || !wanted}>
          {t("settings.change_password")}
        </Button>
      </div>
    </form>
  );
}
