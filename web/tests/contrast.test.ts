/** G7: every text token is readable on every surface it stands on, in both themes (WCAG 2.2 AA). */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("../src/design/tokens.css", import.meta.url), "utf8");

function tokens(selector: string): Record<string, string> {
  const block = css.slice(css.indexOf(selector)).split("}")[0] ?? "";
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value]),
  );
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const SURFACES = ["surface", "surface-subtle", "raised", "hover", "selected"];
const TEXTS = ["text-1", "text-2", "text-3", "accent"];
const STATES = ["info", "ok", "warn", "error"];

describe.each([
  ["light", ":root {"],
  ["dark", '[data-mantine-color-scheme="dark"] {'],
])("%s", (_, selector) => {
  const token = tokens(selector);
  const value = (name: string) => token[name] ?? "missing";

  it("the formula is the one of WCAG: black on white is 21:1", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  });

  it.each(SURFACES.flatMap((surface) => TEXTS.map((text) => [text, surface])))(
    "%s on %s is at least 4.5:1",
    (text, surface) => {
      expect(contrast(value(text), value(surface))).toBeGreaterThanOrEqual(4.5);
    },
  );

  it.each(STATES)("%s on its own background and on the surface is at least 4.5:1", (state) => {
    expect(contrast(value(state), value(`${state}-bg`))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(value(state), value("surface"))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(["accent", "accent-hover"])("what stands on %s is at least 4.5:1", (fill) => {
    expect(contrast(value("on-accent"), value(fill))).toBeGreaterThanOrEqual(4.5);
  });

  it("a control's border and the focus ring are at least 3:1 on every surface", () => {
    for (const surface of ["surface", "surface-subtle"]) {
      expect(contrast(value("control-border"), value(surface))).toBeGreaterThanOrEqual(3);
      expect(contrast(value("accent"), value(surface))).toBeGreaterThanOrEqual(3);
    }
  });
});
