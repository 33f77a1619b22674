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

type Options<K extends keyof Preferences> = readonly (readonly [Preferences[K], MessageKey])[];
type Choice = {
  [K in keyof Preferences]: { name: K; label: MessageKey; options: Options<K> };
}[keyof Preferences];

const CHOICES: readonly Choice[] = [
  {
    name: "theme",
    label: "shell.theme",
    options: [
      ["light", "shell.theme_light"],
      ["dark", "shell.theme_dark"],
      ["auto", "shell.theme_auto"],
    ],
  },
  {
    name: "language",
    label: "shell.language",
    options: [
      ["en", "language.en"],
      ["fa", "language.fa"],
    ],
  },
  {
    name: "calendar",
    label: "shell.calendar",
    options: [
      ["auto", "shell.calendar_auto"],
      ["gregorian", "shell.calendar_gregorian"],
      ["jalali", "shell.calendar_jalali"],
    ],
  },
  {
    name: "digits",
    label: "shell.digits",
    options: [
      ["auto", "shell.digits_auto"],
      ["latn", "shell.digits_latin"],
      ["arabext", "shell.digits_persian"],
    ],
  },
  {
    name: "density",
    label: "shell.density",
    options: [
      ["comfortable", "shell.density_comfortable"],
      ["compact", "shell.density_compact"],
    ],
  },
];

function Choices() {
  const current = usePreferences();
  return (
    <div className={classes.choices}>
      {CHOICES.map(({ name, label, options }) => (
        <div key={name} className={classes.choice}>
          <span>{t(label)}</span>
          <SegmentedControl
            fullWidth
            aria-label={t(label)}
            value={current[name]}
            onChange={(value) => preferences.set({ [name]: value } as Partial<Preferences>)}
            data={options.map(([value, text]) => ({ value, label: t(text) }))}
          />
        </div>
      ))}
    </div>
  );
}
