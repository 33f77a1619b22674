import { Combobox, Modal, useCombobox } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { t } from "../../i18n/i18n.tsx";
import { CustomerLine } from "../../ui/CustomerLine.tsx";
import { Key } from "../../ui/text.tsx";
import { useQuickSearch } from "../../ui/useQuickSearch.ts";
import { type Command, useCommands } from "./commands.tsx";
import classes from "./Palette.module.css";

type PaletteProps = { opened: boolean; onClose: () => void; onHelp: () => void };

/** Ctrl-K: one line that finds a customer, a page or a command. */
export function Palette({ opened, onClose, onHelp }: PaletteProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      withCloseButton={false}
      size={580}
      yOffset="12dvh"
      centered={false}
      attributes={{ content: { "aria-label": t("shell.palette") } }}
      classNames={{ body: classes.body }}
    >
      {opened && <Lines onClose={onClose} onHelp={onHelp} />}
    </Modal>
  );
}

function matching(commands: Command[], text: string): Command[] {
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return commands.filter(({ label }) => words.every((word) => label.toLocaleLowerCase().includes(word)));
}

function Lines({ onClose, onHelp }: Omit<PaletteProps, "opened">) {
  const [text, setText] = useState("");
  const navigate = useNavigate();
  const { hits } = useQuickSearch(text, 6);
  const commands = matching(useCommands(onHelp), text);
  const box = useCombobox({ opened: true });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first line is chosen whenever the lines change
  useEffect(() => {
    box.selectFirstOption();
  }, [text, hits.length]);
  const run = (value: string) => {
    onClose();
    const command = commands.find(({ id }) => id === value);
    if (command) command.run();
    else void navigate({ to: "/customers/$id", params: { id: value } });
  };
  return (
    <Combobox store={box} onOptionSubmit={run} withinPortal={false}>
      <Combobox.EventsTarget withExpandedAttribute>
        <input
          data-autofocus
          className={classes.input}
          dir="auto"
          value={text}
          placeholder={t("shell.palette_placeholder")}
          aria-label={t("shell.palette")}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Escape" && onClose()}
        />
      </Combobox.EventsTarget>
      <Combobox.Options
        className={classes.options}
        aria-label={t("shell.palette")}
        tabIndex={0}
        hidden={hits.length + commands.length === 0}
      >
        {hits.length > 0 && (
          <Combobox.Group label={t("shell.customers")}>
            {hits.map((hit) => (
              <Combobox.Option key={hit.id} value={hit.id}>
                <CustomerLine hit={hit} />
              </Combobox.Option>
            ))}
          </Combobox.Group>
        )}
        {commands.length > 0 && (
          <Combobox.Group label={t("shell.commands")}>
            {commands.map(({ id, label, icon: Picture, keys }) => (
              <Combobox.Option key={id} value={id} className={classes.command}>
                <Picture size={16} stroke={1.75} />
                <span>{label}</span>
                {keys && <Key>{keys}</Key>}
              </Combobox.Option>
            ))}
          </Combobox.Group>
        )}
      </Combobox.Options>
      {hits.length + commands.length === 0 && <Combobox.Empty>{t("shell.search_none")}</Combobox.Empty>}
    </Combobox>
  );
}
