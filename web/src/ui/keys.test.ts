// @vitest-environment happy-dom
/** G7: shortcuts are physical keys: a Persian keyboard sends "ن" with code KeyK. */
import { describe, expect, it } from "vitest";
import { combination, isTyping } from "./keys.ts";

const press = (init: KeyboardEventInit) => combination(new KeyboardEvent("keydown", init));

describe("shortcuts", () => {
  it("know the key by its place, whatever letter it writes", () => {
    expect(press({ key: "ن", code: "KeyK", ctrlKey: true })).toBe("mod+KeyK");
    expect(press({ key: "k", code: "KeyK", metaKey: true })).toBe("mod+KeyK");
    expect(press({ key: "؟", code: "Slash", shiftKey: true })).toBe("shift+Slash");
  });

  it("rest while somebody types, not while a checkbox has the focus", () => {
    const input = document.createElement("input");
    const box = Object.assign(document.createElement("input"), { type: "checkbox" });
    expect(isTyping(input)).toBe(true);
    expect(isTyping(document.createElement("textarea"))).toBe(true);
    expect(isTyping(box)).toBe(false);
    expect(isTyping(document.createElement("button"))).toBe(false);
  });
});
