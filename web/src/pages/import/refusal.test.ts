// @vitest-environment happy-dom
/** I11: what is wrong with a file is said once, in the person's language. */
import { beforeEach, describe, expect, it } from "vitest";
import { Problem } from "@/api/client.ts";
import { activate } from "@/i18n/i18n.tsx";
import { preferences } from "@/i18n/preferences.ts";
import { fileProblem, foundInFile } from "./refusal.ts";

const refusal = (code: string, detail: string) => new Problem({ status: 422, code, detail });

async function speak(language: "en" | "fa") {
  preferences.set({ language });
  await activate(language);
}

describe("a refused file", () => {
  beforeEach(() => speak("en"));

  it("in Persian is not told a second time in English", async () => {
    await speak("fa");
    const damaged = refusal("file_corrupt", "This workbook is damaged: its archive cannot be opened.");
    expect(fileProblem(damaged)).toMatch(/خراب/);
    expect(foundInFile(damaged)).toBeNull();
  });

  it("in Persian still says which line or how many, which no general sentence can", async () => {
    await speak("fa");
    const line = "A quotation mark opened in or after line 1,204 is never closed.";
    expect(foundInFile(refusal("file_corrupt", line))).toBe(line);
  });

  it("in English says what exactly was found", () => {
    const kind = "This is an old Excel workbook (.xls), not a table.";
    expect(foundInFile(refusal("file_wrong_type", kind))).toBe(kind);
  });

  it("for another reason is that reason's sentence alone", () => {
    const full = refusal("disk_full", "There is no room to keep this.");
    expect(fileProblem(full)).toMatch(/room/);
    expect(foundInFile(full)).toBeNull();
  });
});
