import { type Ref, useId, useState } from "react";
import { t } from "../i18n/i18n.tsx";
import classes from "./SignIn.module.css";

type FieldProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  name: string;
  type?: "text" | "password";
  autoComplete?: string;
  autoFocus?: boolean;
  hint?: string;
  error?: string | null;
  ref?: Ref<HTMLInputElement>;
};

/** A labelled line; a password can be looked at. */
export function Field({ label, value, onChange, name, type = "text", hint, error, ...rest }: FieldProps) {
  const id = useId();
  const [shown, setShown] = useState(false);
  const described = error || hint ? `${id}-hint` : undefined;
  return (
    <div className={classes.field}>
      <label htmlFor={id}>{label}</label>
      <div className={classes.control}>
        <input
          id={id}
          name={name}
          dir="ltr"
          type={type === "password" && shown ? "text" : type}
          value={value}
          autoComplete={rest.autoComplete ?? name}
          autoCapitalize="none"
          spellCheck={false}
          // biome-ignore lint/a11y/noAutofocus: the page has one purpose, and this is where it begins
          autoFocus={rest.autoFocus}
          aria-invalid={error ? true : undefined}
          aria-describedby={described}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
        {type === "password" && (
          <button
            type="button"
            className={classes.reveal}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          >
            {shown ? t("sign-in.hide") : t("sign-in.show")}
          </button>
        )}
      </div>
      {(error || hint) && (
        <p id={described} className={error ? classes.fieldError : classes.hint}>
          {error || hint}
        </p>
      )}
    </div>
  );
}
