import { Menu, SegmentedControl, UnstyledButton } from "@mantine/core";
import { IconLogout } from "@tabler/icons-react";
import { type MessageKey, t } from "../../i18n/i18n.tsx";
import { type Preferences, preferences, usePreferences } from "../../i18n/preferences.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { Ltr, U } from "../../ui/text.tsx";
import { failed } from "../../ui/toasts.tsx";
import { signOut, useMe } from "../session.tsx";
import classes from "./UserMenu.module.css";

/** Who is signed in, how the console looks and speaks for them, and the way out. */
export function UserMenu() {
  const { user } = useMe();
  const name = user.name ?? user.username;
  return (
    <Menu width={292} closeOnItemClick={false}>
      <Menu.Target>
        <UnstyledButton className={classes.target} aria-label={t("shell.user_menu", { name })}>
          <Avatar name={name} kind="person" size={30} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.who}>
          <U className={classes.name}>{name}</U>
          <Ltr className={classes.username}>{user.username}</Ltr>
        </div>
        <Menu.Divider />
        <Choices />
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconLogout size={16} stroke={1.75} className="mirror" />}
          onClick={() => signOut().catch(failed)}
        >
          {t("shell.sign_out")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

type Choice<K extends keyof Preferences> = [value: Preferences[K], label: MessageKey];

function Choices() {
  return (
    <div className={classes.choices}>
      <Line
        name="theme"
        label="shell.theme"
        options={[
          ["light", "shell.theme_light"],
          ["dark", "shell.theme_dark"],
          ["auto", "shell.theme_auto"],
        ]}
      />
      <Line
        name="language"
        label="shell.language"
        options={[
          ["en", "language.en"],
          ["fa", "language.fa"],
        ]}
      />
      <Line
        name="calendar"
        label="shell.calendar"
        options={[
          ["auto", "shell.calendar_auto"],
          ["gregorian", "shell.calendar_gregorian"],
          ["jalali", "shell.calendar_jalali"],
        ]}
      />
      <Line
        name="digits"
        label="shell.digits"
        options={[
          ["auto", "shell.digits_auto"],
          ["latn", "shell.digits_latin"],
          ["arabext", "shell.digits_persian"],
        ]}
      />
      <Line
        name="density"
        label="shell.density"
        options={[
          ["comfortable", "shell.density_comfortable"],
          ["compact", "shell.density_compact"],
        ]}
      />
    </div>
  );
}

function Line<K extends keyof Preferences>(props: { name: K; label: MessageKey; options: Choice<K>[] }) {
  const current = usePreferences()[props.name];
  const label = t(props.label);
  return (
    <div className={classes.choice}>
      <span>{label}</span>
      <SegmentedControl
        fullWidth
        aria-label={label}
        value={current}
        onChange={(value) => preferences.set({ [props.name]: value } as Partial<Preferences>)}
        data={props.options.map(([value, text]) => ({ value, label: t(text) }))}
      />
    </div>
  );
}
