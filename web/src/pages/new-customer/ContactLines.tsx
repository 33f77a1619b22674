import { ActionIcon, Button, Select, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { ContactKind } from "../../api/types.ts";
import { CONTACT_KINDS, contactLabel, isLtr } from "../../customer-form/contacts.ts";
import { t } from "../../i18n/i18n.tsx";
import { type ContactLine, contactLine } from "./draft.ts";
import classes from "./NewCustomer.module.css";

type Props = { lines: ContactLine[]; onChange: (lines: ContactLine[]) => void };

/** Numbers and addresses, one a line; "+" repeats the last kind. */
export function ContactLines({ lines, onChange }: Props) {
  const set = (key: string, change: Partial<ContactLine>) =>
    onChange(lines.map((line) => (line.key === key ? { ...line, ...change } : line)));
  const add = () => {
    const line = contactLine(lines[0]?.kind ?? "mobile");
    onChange([...lines, line]);
    requestAnimationFrame(() => document.getElementById(line.key)?.focus());
  };
  return (
    <div className={classes.lines}>
      {lines.map((line) => (
        <div key={line.key} className={classes.contact}>
          <Select
            aria-label={t("customer.contact_kind")}
            data={CONTACT_KINDS.map((kind) => ({ value: kind, label: contactLabel(kind) }))}
            value={line.kind}
            allowDeselect={false}
            onChange={(kind) => set(line.key, { kind: (kind ?? "mobile") as ContactKind })}
          />
          <TextInput
            id={line.key}
            dir={isLtr(line.kind) ? "ltr" : "auto"}
            inputMode={line.kind === "mobile" || line.kind === "phone" ? "tel" : undefined}
            aria-label={contactLabel(line.kind)}
            value={line.value}
            onChange={(event) => set(line.key, { value: event.currentTarget.value })}
          />
          <TextInput
            dir="auto"
            className={classes.contactLabel}
            aria-label={t("customer.contact_label")}
            placeholder={t("customer.contact_label")}
            value={line.label}
            onChange={(event) => set(line.key, { label: event.currentTarget.value })}
          />
          <ActionIcon
            size={32}
            aria-label={t("customer.remove_contact")}
            onClick={() => onChange(lines.filter(({ key }) => key !== line.key))}
          >
            <IconX size={16} stroke={1.75} />
          </ActionIcon>
        </div>
      ))}
      <Button
        variant="subtle"
        color="gray"
        size="xs"
        leftSection={<IconPlus size={14} stroke={2} />}
        onClick={add}
      >
        {t("customer.new_another")}
      </Button>
    </div>
  );
}
