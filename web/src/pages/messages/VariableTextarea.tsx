/** A text with variables: `{` opens the list of them, typing narrows it, Enter puts one in. */
import { ActionIcon, Combobox, Menu, Textarea, Tooltip, useCombobox } from "@mantine/core";
import { IconBraces } from "@tabler/icons-react";
import { type ReactNode, useRef, useState } from "react";
import { known, t } from "@/i18n/i18n.tsx";
import type { Variable } from "./api.ts";
import css from "./messages.module.css";
import { insert, openAt } from "./variables.ts";

type Props = {
  label: string;
  value: string;
  onChange: (text: string) => void;
  variables: Variable[];
  minRows?: number;
  error?: ReactNode;
  placeholder?: string;
};

/** A variable as people call it: built-in ones in the chosen language, custom fields by their title. */
export function variableTitle(variable: Variable): string {
  const key = `messages.variable.${variable.name}`;
  return known(key) ? t(key) : variable.title;
}

export function VariableTextarea({
  label,
  value,
  onChange,
  variables,
  minRows = 6,
  error,
  placeholder,
}: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  const combobox = useCombobox();
  const [caret, setCaret] = useState(0);
  const open = openAt(value, caret);
  const typed = open?.typed.toLowerCase() ?? "";
  const fitting = variables.filter(
    (one) => one.name.toLowerCase().includes(typed) || variableTitle(one).toLowerCase().includes(typed),
  );

  function follow(text: string, at: number) {
    setCaret(at);
    if (openAt(text, at)) {
      combobox.openDropdown();
      combobox.selectFirstOption();
    } else combobox.closeDropdown();
  }

  function put(name: string) {
    const at = area.current?.selectionStart ?? value.length;
    const next = insert(value, at, name);
    onChange(next.text);
    combobox.closeDropdown();
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(next.caret, next.caret);
      setCaret(next.caret);
    });
  }

  return (
    <div className={css.variableArea}>
      <Combobox store={combobox} onOptionSubmit={put} position="bottom-start" width={280}>
        <Combobox.Target
          withKeyboardNavigation={combobox.dropdownOpened}
          withAriaAttributes={combobox.dropdownOpened}
        >
          <Textarea
            ref={area}
            label={label}
            placeholder={placeholder}
            autosize
            minRows={minRows}
            maxRows={16}
            maxLength={1600}
            dir="auto"
            value={value}
            error={error}
            onChange={(event) => {
              const { value: text, selectionStart } = event.currentTarget;
              onChange(text);
              follow(text, selectionStart);
            }}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
            onBlur={() => combobox.closeDropdown()}
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={!open || fitting.length === 0}>
          <Combobox.Options className={css.variableOptions}>
            {fitting.map((one) => (
              <Combobox.Option key={one.name} value={one.name}>
                <VariableLine variable={one} />
              </Combobox.Option>
            ))}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      <Menu width={280} position="bottom-end">
        <Menu.Target>
          <Tooltip label={t("messages.insert_variable")}>
            <ActionIcon className={css.variableButton} aria-label={t("messages.insert_variable")}>
              <IconBraces size={16} stroke={1.75} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown className={css.variableOptions}>
          {variables.map((one) => (
            <Menu.Item key={one.name} onClick={() => put(one.name)}>
              <VariableLine variable={one} />
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

function VariableLine({ variable }: { variable: Variable }) {
  const custom = variable.name.startsWith("custom.");
  return (
    <span className={css.variableLine}>
      <bdi>{variableTitle(variable)}</bdi>
      {custom ? null : (
        <bdi dir="ltr" className={css.variableName}>
          {variable.name}
        </bdi>
      )}
    </span>
  );
}
