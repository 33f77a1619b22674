/** Mantine, told to use our tokens: sizes, weights, radii and every colour come from tokens.css. */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const ACCENT: MantineColorsTuple = [
  "#e6f4f2",
  "#cde9e5",
  "#9dd4cd",
  "#6cbfb4",
  "#45ad9f",
  "#2eb5a6",
  "#168b7f",
  "#0b7a70",
  "#086259",
  "#064a43",
];

/** Mantine's dark greys, as our tokens have them: text, borders, surfaces. */
const DARK: MantineColorsTuple = [
  "#e8ecee",
  "#b2bbc0",
  "#929da3",
  "#737e84",
  "#2b3236",
  "#20262a",
  "#1a1f22",
  "#14181a",
  "#0f1214",
  "#0b0e0f",
];

const floating = { shadow: "float", radius: "panel" } as const;

export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 5 },
  colors: { accent: ACCENT, dark: DARK },
  fontFamily: "var(--font)",
  fontFamilyMonospace: "var(--font-mono)",
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  lineHeights: { xs: "1.5", sm: "1.54", md: "1.57", lg: "1.5", xl: "1.55" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  radius: { xs: "4px", sm: "6px", md: "6px", lg: "10px", xl: "10px", panel: "10px" },
  shadows: { float: "var(--float-shadow)" },
  defaultRadius: "sm",
  headings: { fontFamily: "var(--font)", fontWeight: "650" },
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "sm", variant: "filled" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray", size: 28 } },
    Menu: {
      defaultProps: { ...floating, position: "bottom-end", offset: 4, transitionProps: { duration: 90 } },
    },
    Popover: { defaultProps: { ...floating, offset: 4, transitionProps: { duration: 90 } } },
    Combobox: { defaultProps: { ...floating, offset: 4, transitionProps: { duration: 90 } } },
    Tooltip: {
      defaultProps: { openDelay: 400, withArrow: false, offset: 6, transitionProps: { duration: 80 } },
    },
    Modal: {
      defaultProps: {
        centered: true,
        attributes: { header: { role: "presentation" } },
        radius: "panel",
        shadow: "float",
        transitionProps: { duration: 120 },
      },
    },
    Drawer: { defaultProps: { transitionProps: { duration: 160 } } },
    TextInput: { defaultProps: { size: "sm" } },
    Textarea: { defaultProps: { size: "sm" } },
    Select: {
      defaultProps: { size: "sm", comboboxProps: { shadow: "float" }, selectFirstOptionOnChange: true },
    },
    MultiSelect: { defaultProps: { selectFirstOptionOnChange: true } },
    Checkbox: { defaultProps: { size: "xs" } },
    Switch: { defaultProps: { size: "sm", withThumbIndicator: false } },
    SegmentedControl: { defaultProps: { size: "xs" } },
  },
});

/** Mantine's own variables, all said in our tokens (which carry light and dark themselves). */
const VARIABLES = {
  "--mantine-color-body": "var(--surface)",
  "--mantine-color-text": "var(--text-1)",
  "--mantine-color-dimmed": "var(--text-3)",
  "--mantine-color-bright": "var(--text-1)",
  "--mantine-color-placeholder": "var(--text-3)",
  "--mantine-color-anchor": "var(--accent)",
  "--mantine-color-error": "var(--error)",
  "--mantine-color-default": "var(--surface)",
  "--mantine-color-default-hover": "var(--hover)",
  "--mantine-color-default-color": "var(--text-1)",
  "--mantine-color-default-border": "var(--hairline)",
  "--mantine-color-disabled": "var(--surface-sunken)",
  "--mantine-color-disabled-color": "var(--text-3)",
  "--mantine-color-disabled-border": "var(--hairline)",
  "--mantine-color-accent-filled": "var(--accent)",
  "--mantine-color-accent-filled-hover": "var(--accent-hover)",
  "--mantine-color-accent-light": "var(--selected)",
  "--mantine-color-accent-light-hover": "var(--selected)",
  "--mantine-color-accent-light-color": "var(--accent)",
  "--mantine-color-accent-text": "var(--accent)",
  "--mantine-color-accent-outline": "var(--accent)",
  "--mantine-color-accent-contrast": "var(--on-accent)",
  "--mantine-primary-color-contrast": "var(--on-accent)",
  "--mantine-color-gray-light-color": "var(--text-2)",
  "--mantine-color-gray-light": "var(--surface-sunken)",
  "--mantine-color-gray-light-hover": "var(--hover)",
  "--mantine-color-red-filled": "var(--error)",
  "--mantine-color-red-light": "var(--error-bg)",
  "--mantine-color-red-light-hover": "var(--error-bg)",
  "--mantine-color-red-light-color": "var(--error)",
};

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: VARIABLES,
  dark: VARIABLES,
});
