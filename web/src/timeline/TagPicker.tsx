/** Tags by any part of their name; the last line creates the word that is not there yet (L5: usable at once). */
import { Combobox, Pill, PillsInput, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconHash } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "../api/client.ts";
import { keys } from "../api/queryClient.ts";
import type { Tag, TagPage } from "../api/types.ts";
import { number } from "../i18n/format.ts";
import { t } from "../i18n/i18n.tsx";
import { U } from "../ui/text.tsx";
import classes from "./TagPicker.module.css";

type Props = { value: string[]; onChange: (tags: string[]) => void; onSubmit?: () => void };

const CREATE = "+create";

function useTags(text: string): { tags: Tag[]; settled: boolean } {
  const [q] = useDebouncedValue(text, 90);
  const { data, isFetching } = useQuery({
    queryKey: [...keys.tags, "pick", q],
    queryFn: async ({ signal }) =>
      (await api.get<TagPage>("/tags", { params: { q, limit: 8 }, signal })).data.items,
    placeholderData: keepPreviousData,
  });
  return { tags: data ?? [], settled: q === text && !isFetching };
}

function same(one: string, other: string): boolean {
  return one.trim().toLocaleLowerCase() === other.trim().toLocaleLowerCase();
}

export function TagPicker({ value, onChange, onSubmit }: Props) {
  const [text, setText] = useState("");
  const typed = text.trim().replace(/^#/, "");
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() });
  const { tags, settled } = useTags(typed);
  const shown = tags.filter(({ name }) => !value.some((chosen) => same(chosen, name)));
  const isNew = typed !== "" && settled && !tags.some(({ name }) => same(name, typed));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first line is chosen whenever the lines change
  useEffect(() => {
    if (typed) box.selectFirstOption();
  }, [typed, shown.length, isNew]);
  const add = (name: string) => {
    const word = name === CREATE ? typed : name;
    if (word && !value.some((chosen) => same(chosen, word))) onChange([...value, word]);
    setText("");
  };
  return (
    <Combobox store={box} onOptionSubmit={add} position="bottom-start">
      <Combobox.DropdownTarget>
        <PillsInput size="sm" variant="unstyled" onClick={() => box.openDropdown()} className={classes.input}>
          <Pill.Group>
            <IconHash size={16} stroke={1.75} className={classes.hash} aria-hidden />
            {value.map((tag) => (
              <Pill
                key={tag}
                withRemoveButton
                removeButtonProps={{ "aria-label": t("common.remove_value", { value: tag }), tabIndex: 0 }}
                onRemove={() => onChange(value.filter((one) => one !== tag))}
              >
                <U>{tag}</U>
              </Pill>
            ))}
            <Combobox.EventsTarget>
              <PillsInput.Field
                value={text}
                dir="auto"
                aria-label={t("timeline.tags")}
                placeholder={value.length ? "" : t("timeline.tags_placeholder")}
                onFocus={() => box.openDropdown()}
                onBlur={() => box.closeDropdown()}
                onChange={(event) => {
                  setText(event.currentTarget.value);
                  box.openDropdown();
                }}
                onKeyDown={(event) => {
                  if (event.key === "Backspace" && text === "") onChange(value.slice(0, -1));
                  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onSubmit?.();
                  else if (event.key === "Enter" && typed && box.getSelectedOptionIndex() < 0) {
                    event.preventDefault();
                    add(typed);
                  }
                }}
              />
            </Combobox.EventsTarget>
          </Pill.Group>
        </PillsInput>
      </Combobox.DropdownTarget>
      <Combobox.Dropdown hidden={shown.length === 0 && !isNew}>
        <Combobox.Options aria-label={t("timeline.tags")}>
          {shown.map((tag) => (
            <Combobox.Option key={tag.id} value={tag.name} className={classes.option}>
              <U>{tag.name}</U>
              <span className={classes.count}>{number(tag.count)}</span>
            </Combobox.Option>
          ))}
          {isNew && (
            <Combobox.Option value={CREATE} className={classes.option}>
              {t("timeline.create_tag", { name: typed })}
              <span className={classes.count}>↵</span>
            </Combobox.Option>
          )}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
