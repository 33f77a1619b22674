// @vitest-environment happy-dom
/** G7: users' values are isolated in both languages; what is typed in one script does not turn the other's sentence. */
import { render } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { Ltr, U } from "../ui/text.tsx";
import { activate, T, t } from "./i18n.tsx";
import { preferences } from "./preferences.ts";

const NAME = "علی +98 (x)";

describe.each(["en", "fa"] as const)("%s", (language) => {
  beforeEach(async () => {
    preferences.set({ language });
    await activate(language);
  });

  it("a name inside a sentence stands in a bdi of its own, untouched", () => {
    const { container } = render(<T id="timeline.group_added" values={{ group: <U>{NAME}</U> }} />);
    expect(container.querySelector("bdi")?.textContent).toBe(NAME);
    expect(container.textContent).not.toContain("{group}");
    expect(container.textContent?.length).toBeGreaterThan(NAME.length);
  });

  it("a name inside plain text is wrapped in isolates", () => {
    expect(t("customer.group_added", { name: NAME })).toContain(`\u2068${NAME}\u2069`);
  });

  it("numbers inside a sentence have the language's digits", () => {
    const { container } = render(<T id="customers.selected" values={{ count: 12 }} />);
    expect(container.textContent).toContain(language === "fa" ? "۱۲" : "12");
  });

  it("numbers and addresses are left to right, whatever is around them", () => {
    const { container } = render(<Ltr>+98 912 345 6789</Ltr>);
    expect(container.querySelector("bdi")?.getAttribute("dir")).toBe("ltr");
  });

  it("the page's language and direction follow", () => {
    expect(document.documentElement.lang).toBe(language);
    expect(document.documentElement.dir).toBe(language === "fa" ? "rtl" : "ltr");
  });
});
