import { IconPlus } from "@tabler/icons-react";
import type { ComponentProps } from "react";
import { t } from "../i18n/i18n.tsx";
import classes from "./QueryBar.module.css";

/** The button that opens the list of fields. */
export function AddButton({ label, ...rest }: { label: boolean } & ComponentProps<"button">) {
  return (
    <button type="button" aria-label={t("query.add_hint")} {...rest} className={classes.add}>
      <IconPlus size={14} stroke={2} />
      {label && t("query.add")}
    </button>
  );
}
