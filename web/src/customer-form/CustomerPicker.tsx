/** Finding one customer; disabled ones are shown and cannot be chosen (C10). */
import { Combobox, TextInput, useCombobox } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import type { Customer, Id, SearchItem } from "../api/types.ts";
import { t } from "../i18n/i18n.tsx";
import { CustomerLine } from "../ui/CustomerLine.tsx";
import { useQuickSearch } from "../ui/useQuickSearch.ts";

type Props = {
  label: string;
  kind?: Customer["kind"];
  exclude?: Id[];
  autoFocus?: boolean;
  onPick: (hit: SearchItem) => void;
  onCancel?: () => void;
};

export function CustomerPicker({ label, kind, exclude = [], autoFocus, onPick, onCancel }: Props) {
  const [text, setText] = useState("");
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() });
  const { hits, settled } = useQuickSearch(text, 20);
  const shown = hits.filter((hit) => (!kind || hit.kind === kind) && !exclude.includes(hit.id)).slice(0, 8);
  return (
    <Combobox
      store={box}
      onOptionSubmit={(id) => {
        const hit = shown.find((one) => one.id === id);
        setText("");
        if (hit) onPick(hit);
      }}
    >
      <Combobox.Target>
        <TextInput
          autoFocus={autoFocus}
          dir="auto"
          value={text}
          aria-label={label}
          placeholder={label}
          leftSection={<IconSearch size={16} stroke={1.75} />}
          onChange={(event) => {
            setText(event.currentTarget.value);
            box.openDropdown();
            box.selectFirstOption();
          }}
          onKeyDown={(event) => event.key === "Escape" && onCancel?.()}
          onBlur={() => {
            box.closeDropdown();
            if (!text) onCancel?.();
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={!text.trim()}>
        <Combobox.Options aria-label={label} hidden={shown.length === 0}>
          {shown.map((hit) => (
            <Combobox.Option key={hit.id} value={hit.id} disabled={!hit.enabled}>
              <CustomerLine hit={hit} />
            </Combobox.Option>
          ))}
        </Combobox.Options>
        {settled && shown.length === 0 && <Combobox.Empty>{t("shell.search_none")}</Combobox.Empty>}
      </Combobox.Dropdown>
    </Combobox>
  );
}
