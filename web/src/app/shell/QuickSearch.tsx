import { Combobox, Loader, useCombobox } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { t } from "../../i18n/i18n.tsx";
import { CustomerLine } from "../../ui/CustomerLine.tsx";
import { Key } from "../../ui/text.tsx";
import { useQuickSearch } from "../../ui/useQuickSearch.ts";
import classes from "./QuickSearch.module.css";

/** The search of the top bar: results while typing, Enter opens the first, once it is there, "all results" opens the list. */
export function QuickSearch() {
  const [text, setText] = useState("");
  const navigate = useNavigate();
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() });
  const { hits, settled } = useQuickSearch(text);
  const found = hits.map(({ id }) => id).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first is chosen whenever others are found, so that Enter opens it
  useEffect(() => {
    if (found) box.selectFirstOption();
  }, [found, box.dropdownOpened]);
  const [entered, setEntered] = useState(false);
  const open = (value: string) => {
    setEntered(false);
    setText("");
    box.closeDropdown();
    (document.activeElement as HTMLElement | null)?.blur();
    if (value === "all") void navigate({ to: "/customers", search: { text: text.trim() } });
    else void navigate({ to: "/customers/$id", params: { id: value } });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was entered is opened when its results are there
  useEffect(() => {
    if (!entered || !settled) return;
    if (hits[0]) open(hits[0].id);
    else setEntered(false);
  }, [entered, settled]);

  function enter() {
    if (box.getSelectedOptionIndex() > 0) return; // one that the arrows chose
    if (!settled) box.resetSelectedOption(); // it was found for other letters
    if (!settled || box.getSelectedOptionIndex() < 0) setEntered(true);
  }

  return (
    <Combobox
      store={box}
      onOptionSubmit={open}
      withinPortal
      width="min(27.5rem, calc(100vw - 16px))"
      position="bottom-start"
    >
      <Combobox.Target>
        <div className={classes.field}>
          <IconSearch size={16} stroke={1.75} className={classes.icon} aria-hidden />
          <Combobox.EventsTarget withExpandedAttribute>
            <input
              id="quick-search"
              className={classes.input}
              type="text"
              dir="auto"
              value={text}
              autoComplete="off"
              spellCheck={false}
              placeholder={t("shell.search_placeholder")}
              aria-label={t("shell.search")}
              onChange={(event) => {
                setEntered(false);
                setText(event.currentTarget.value);
                box.openDropdown();
              }}
              onFocus={() => text && box.openDropdown()}
              onBlur={() => {
                setEntered(false);
                box.closeDropdown();
              }}
              onKeyDown={(event) => {
                if (event.key === "Enter" && !event.nativeEvent.isComposing) enter();
                if (event.key !== "Escape") return;
                setText("");
                event.currentTarget.blur();
              }}
            />
          </Combobox.EventsTarget>
          {text && !settled ? (
            <Loader size={14} color="gray" />
          ) : (
            <span className={classes.hint}>
              <Key>/</Key>
            </span>
          )}
        </div>
      </Combobox.Target>
      <Combobox.Dropdown hidden={!text.trim()}>
        <Combobox.Options
          aria-label={t("shell.search")}
          className={classes.options}
          hidden={hits.length === 0}
        >
          {hits.map((hit) => (
            <Combobox.Option key={hit.id} value={hit.id}>
              <CustomerLine hit={hit} />
            </Combobox.Option>
          ))}
          {hits.length > 0 && (
            <Combobox.Option value="all" className={classes.all}>
              {t("shell.search_all", { text: text.trim() })}
            </Combobox.Option>
          )}
        </Combobox.Options>
        {settled && hits.length === 0 && <Combobox.Empty>{t("shell.search_none")}</Combobox.Empty>}
      </Combobox.Dropdown>
    </Combobox>
  );
}
