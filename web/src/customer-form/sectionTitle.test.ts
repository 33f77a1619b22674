// @vitest-environment happy-dom
/** C4: the sections that come with Rapport are in the person's language; what somebody named stays as it was named. */
import { beforeEach, describe, expect, it } from "vitest";
import type { FieldSection } from "../api/types.ts";
import { activate } from "../i18n/i18n.tsx";
import { preferences } from "../i18n/preferences.ts";
import { sectionTitle } from "./sectionTitle.ts";

const general: FieldSection = { id: "general", title: "General", built_in: true, position: 0, version: 1 };

describe("a section's title in Persian", () => {
  beforeEach(async () => {
    preferences.set({ language: "fa" });
    await activate("fa");
  });

  it("is the console's word for each built-in section", () => {
    const titles = { general: "General", contact: "Contact", location: "Location", other: "Other" };
    for (const [id, title] of Object.entries(titles)) {
      expect(sectionTitle({ ...general, id, title })).toMatch(/^\p{Script=Arabic}+$/u);
    }
  });

  it("is what somebody named it, built in or not", () => {
    expect(sectionTitle({ ...general, title: "Basics" })).toBe("Basics");
    expect(sectionTitle({ ...general, id: "s1", built_in: false })).toBe("General");
  });
});
