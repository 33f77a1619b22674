/** Messages in the chosen language: `t` for text, `<T>` for text with elements inside, `activate` to change it. */
import { i18n } from "@lingui/core";
import { Fragment, type ReactNode } from "react";
import type { MessageKey } from "./keys.ts";
import { type Language, preferences } from "./preferences.ts";

export type { MessageKey } from "./keys.ts";

type Value = string | number | Date | null | undefined;

/** The locale for Intl: the language with the chosen digits. */
export function locale(): string {
  const { language, digits } = preferences.get();
  const numbers = digits === "auto" ? (language === "fa" ? "arabext" : "latn") : digits;
  return `${language}-u-nu-${numbers}`;
}

/** Loads a language's messages (one chunk each) and sets the page's language and direction. */
export async function activate(language: Language, entry: "app" | "sign-in" = "app"): Promise<void> {
  const messages = await load(language, entry);
  i18n.load(language, messages.default);
  i18n.activate(language, [locale(), language]);
  document.documentElement.lang = language;
  document.documentElement.dir = direction(language);
}

export function direction(language: Language = preferences.get().language): "ltr" | "rtl" {
  return language === "fa" ? "rtl" : "ltr";
}

function load(language: Language, entry: "app" | "sign-in") {
  if (entry === "sign-in") {
    return language === "fa"
      ? import("virtual:catalogue/sign-in/fa")
      : import("virtual:catalogue/sign-in/en");
  }
  return language === "fa" ? import("virtual:catalogue/fa") : import("virtual:catalogue/en");
}

/** One message as text. Values of users inside it are isolated, so that they cannot turn the sentence round. */
export function t(key: MessageKey, values?: Record<string, Value>): string {
  return i18n._(
    key,
    values && Object.fromEntries(Object.entries(values).map(([name, v]) => [name, isolate(v)])),
  );
}

/** True when a message of that name exists: for codes that come from outside. */
export function known(key: string): key is MessageKey {
  return key in i18n.messages;
}

function isolate(value: Value): Value {
  return typeof value === "string" && value !== "" ? `\u2068${value}\u2069` : value;
}

const MARK = "\u0001";

/** One message with React elements as values; text around them stays one translatable sentence. */
export function T({
  id,
  values = {},
}: {
  id: MessageKey;
  values?: Record<string, ReactNode | Date>;
}): ReactNode {
  const plain = Object.fromEntries(
    Object.entries(values).map(([name, v]) => [
      name,
      typeof v === "number" || v instanceof Date ? v : `${MARK}${name}${MARK}`,
    ]),
  );
  const parts = i18n._(id, plain).split(MARK);
  return parts.map((part, index) => {
    const key = `${index}${part}`;
    return index % 2 === 1 ? <Fragment key={key}>{values[part] as ReactNode}</Fragment> : part;
  });
}
