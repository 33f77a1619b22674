/** Finding one customer by a part of the name or a number; disabled ones are shown and cannot be chosen (C10). */
import { Combobox, Loader, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client.ts";
import { nameOf } from "@/api/queries.ts";
import type { Id, QuickHit } from "@/api/types.ts";
import { t } from "@/i18n/i18n.tsx";

type Props = {
  label: string;
  placeholder?: string;
  onPick: (id: Id, name: string) => void;
  keepOpen?: boolean;
};

export function CustomerPicker({ label, placeholder, onPick, keepOpen }: Props) {
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const [typed, setTyped] = useState("");
  const [wanted] = useDebouncedValue(typed.trim(), 120);
  const found = useQuery({
    queryKey: ["search", "quick-pick", wanted],
    queryFn: async ({ signal }) => {
      const params = { q: wanted, limit: 8 };
      return (await api.get<{ items: QuickHit[] }>("/customers:quick", { params, signal })).data.items;
    },
    enabled: wanted !== "",
    placeholderData: (before) => before,
  });
  const hits = wanted ? (found.data ?? []) : [];

  function pick(id: string) {
    const hit = hits.find((one) => one.id === id);
    if (!hit) return;
    onPick(hit.id, nameOf(hit));
    setTyped("");
    if (!keepOpen) combobox.closeDropdown();
  }

  return (
    <Combobox store={combobox} onOptionSubmit={pick}>
      <Combobox.Target>
        <TextInput
          aria-label={label}
          placeholder={placeholder ?? label}
          leftSection={<IconSearch size={16} stroke={1.75} />}
          rightSection={found.isFetching ? <Loader size={14} /> : null}
          value={typed}
          dir="auto"
          onFocus={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            combobox.openDropdown();
            combobox.selectFirstOption();
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={!wanted}>
        <Combobox.Options>
          {hits.map((hit) => (
            <Combobox.Option key={hit.id} value={hit.id} disabled={!hit.enabled}>
              <bdi>{nameOf(hit)}</bdi>
              {hit.enabled ? null : ` · ${t("messages.skip.disabled")}`}
            </Combobox.Option>
          ))}
          {hits.length === 0 && !found.isFetching ? (
            <Combobox.Empty>{t("messages.nobody_found")}</Combobox.Empty>
          ) : null}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
