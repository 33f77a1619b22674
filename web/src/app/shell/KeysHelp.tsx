import { Modal } from "@mantine/core";
import { type MessageKey, t } from "../../i18n/i18n.tsx";
import { Key } from "../../ui/text.tsx";
import classes from "./KeysHelp.module.css";

type Line = [label: MessageKey, ...keys: string[]];

const PARTS: [MessageKey, Line[]][] = [
  [
    "shell.keys_everywhere",
    [
      ["shell.search", "/"],
      ["shell.palette", "Ctrl", "K"],
      ["shell.new_customer", "N"],
      ["shell.keys_undo", "Ctrl", "Z"],
      ["shell.keys_sidebar", "Ctrl", "B"],
      ["shell.keys", "?"],
    ],
  ],
  [
    "shell.keys_lists",
    [
      ["shell.keys_move", "↑", "↓"],
      ["shell.keys_peek", "Space"],
      ["shell.keys_open", "Enter"],
      ["shell.keys_select", "X"],
      ["shell.keys_range", "Shift", "↑↓"],
      ["shell.keys_select_all", "Ctrl", "A"],
      ["shell.keys_condition", "F"],
      ["shell.keys_save_filter", "Ctrl", "S"],
    ],
  ],
  [
    "shell.keys_customer",
    [
      ["shell.keys_note", "L"],
      ["shell.keys_edit", "F2"],
      ["shell.keys_save", "Ctrl", "Enter"],
      ["shell.keys_cancel", "Esc"],
    ],
  ],
];

export function KeysHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size={680}
      title={t("shell.keys")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <div className={classes.parts}>
        {PARTS.map(([title, lines]) => (
          <section key={title}>
            <h3 className={classes.title}>{t(title)}</h3>
            <dl>
              {lines.map(([label, ...keys]) => (
                <div key={label} className={classes.line}>
                  <dt>{t(label)}</dt>
                  <dd className={classes.keys}>
                    {keys.map((key) => (
                      <Key key={key}>{key}</Key>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
