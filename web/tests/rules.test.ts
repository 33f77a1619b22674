/** G7: the lints of our own find what they are for, and are silent about what is right. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAst } from "vite";
import { describe, expect, it } from "vitest";
import { readLanguage } from "../tools/catalogues.ts";
import { catalogueFaults, placeholders } from "../tools/rules/catalogue.ts";
import { cssFaults } from "../tools/rules/css.ts";
import { type Node, textFaults } from "../tools/rules/text.ts";

const texts = (code: string) =>
  textFaults(parseAst(code, { lang: "tsx" }) as unknown as Node).map(({ text }) => text);

describe("css", () => {
  it.each([
    "margin-left: 4px;",
    "right: 0;",
    "text-align: left;",
    "padding: 1px 2px 3px 4px;",
    "border-top-left-radius: 1px;",
  ])("%s is found", (line) => expect(cssFaults(`.a {\n  ${line}\n}`)).toHaveLength(1));

  it.each([
    "margin-inline-start: 4px;",
    "inset-inline-end: 0;",
    "text-align: start;",
    "padding: 1px 2px 3px 2px;",
    "/* left: 0 */",
  ])("%s is right", (line) => expect(cssFaults(`.a {\n  ${line}\n}`)).toEqual([]));
});

describe("text in code", () => {
  it("finds words between tags and in attributes that are read", () => {
    expect(texts("const a = <p title='Hello there'>Some words</p>;")).toEqual(["Hello there", "Some words"]);
  });

  it("is silent about messages, class names and signs", () => {
    expect(texts("const a = <p className='big' title={t('a.b')}>{t('a.c')} · + →</p>;")).toEqual([]);
  });
});

describe("catalogues", () => {
  it("names a missing key, an extra key and other placeholders", () => {
    const en = { a: { one: "{n, number} of {m}", two: "x" } };
    const fa = { a: { one: "{n, number}", three: "y" } };
    expect([...catalogueFaults(en, fa)]).toEqual([
      "locales: a.one has placeholders [m,n] in en, [n] in fa",
      "locales: a.two is missing in fa",
      "locales: a.three is missing in en",
    ]);
  });

  it("sees placeholders inside plurals", () => {
    expect(placeholders("{count, plural, one {# of {name}} other {#}}")).toEqual(["count", "name"]);
  });

  it("English and Persian say the same things", () => {
    expect([...catalogueFaults(readLanguage("en"), readLanguage("fa"))]).toEqual([]);
  });

  it("Persian is Persian: every longer message has Persian letters", () => {
    const latin = Object.entries(readLanguage("fa")).flatMap(([area, messages]) =>
      Object.entries(messages)
        .filter(
          ([, text]) =>
            /[A-Za-z]{3,}.*\s.*[A-Za-z]{3,}/.test(text.replace(/\{[^{}]*\}/g, "")) &&
            !/[\u0600-\u06ff]/.test(text),
        )
        .map(([key]) => `${area}.${key}`),
    );
    expect(latin).toEqual([]);
  });
});

describe("the files", () => {
  const all = readdirSync(new URL("../src", import.meta.url), { recursive: true, encoding: "utf8" });

  it("have no file over 400 lines", () => {
    const long = all
      .filter((name) => /\.tsx?$/.test(name))
      .filter(
        (name) =>
          readFileSync(join(new URL("../src", import.meta.url).pathname, name), "utf8").split("\n").length >
          401,
      );
    expect(long).toEqual([]);
  });
});
