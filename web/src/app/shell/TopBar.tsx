import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconCommand, IconKeyboard, IconMenu2, IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { t } from "../../i18n/i18n.tsx";
import { useCan } from "../session.tsx";
import { LiveDot } from "./LiveDot.tsx";
import { QuickSearch } from "./QuickSearch.tsx";
import classes from "./TopBar.module.css";
import { UserMenu } from "./UserMenu.tsx";

type TopBarProps = { onMenu: () => void; onPalette: () => void; onHelp: () => void };

export function TopBar({ onMenu, onPalette, onHelp }: TopBarProps) {
  const can = useCan();
  return (
    <header className={classes.bar}>
      <ActionIcon className={classes.menu} size={36} aria-label={t("shell.open_menu")} onClick={onMenu}>
        <IconMenu2 size={20} stroke={1.75} />
      </ActionIcon>
      <QuickSearch />
      <div className={classes.end}>
        <LiveDot />
        <Tooltip label={t("shell.palette_hint")}>
          <ActionIcon className={classes.wide} size={32} aria-label={t("shell.palette")} onClick={onPalette}>
            <IconCommand size={18} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t("shell.keys_hint")}>
          <ActionIcon className={classes.wide} size={32} aria-label={t("shell.keys")} onClick={onHelp}>
            <IconKeyboard size={18} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
        {can("customers.create") && (
          <>
            <Button
              component={Link}
              to="/customers/new"
              className={classes.wide}
              leftSection={<IconPlus size={16} stroke={2} />}
            >
              {t("shell.new_customer")}
            </Button>
            <ActionIcon
              component={Link}
              to="/customers/new"
              variant="filled"
              color="accent"
              size={36}
              className={classes.narrow}
              aria-label={t("shell.new_customer")}
            >
              <IconPlus size={20} stroke={2} />
            </ActionIcon>
          </>
        )}
        <UserMenu />
      </div>
    </header>
  );
}
