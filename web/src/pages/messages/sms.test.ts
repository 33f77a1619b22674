import { describe, expect, it } from "vitest";
import { measure, plainFor, plainText } from "./sms.ts";

describe("M1: counting an SMS", () => {
  it("has 160 septets in one part and 153 in each of several", () => {
    expect(measure("a".repeat(160))).toMatchObject({ encoding: "GSM-7", parts: 1, left: 0 });
    expect(measure("a".repeat(161))).toMatchObject({ parts: 2, left: 153 * 2 - 161 });
  });

  it("counts a character of the extension table twice and never cuts it", () => {
    expect(measure("€".repeat(80))).toMatchObject({ parts: 1, units: 160 });
    expect(measure(`${"a".repeat(152)}€${"a".repeat(20)}`)).toMatchObject({ parts: 2, units: 174 });
  });

  it("names the character that forces Unicode, with 70 and 67 units", () => {
    expect(measure("Teşekkürler")).toMatchObject({ encoding: "UCS-2", forcedBy: "ş", parts: 1 });
    expect(measure("ع".repeat(71)).parts).toBe(2);
  });

  it("never splits a surrogate pair", () => {
    expect(measure(`${"ع".repeat(66)}😀${"ع".repeat(10)}`)).toMatchObject({
      units: 78,
      parts: 2,
      left: 67 - 12,
    });
  });

  it("an empty text has no part", () => {
    expect(measure("").parts).toBe(0);
  });
});

describe("a plain spelling", () => {
  it("is found for marks and typographic signs, not for other scripts", () => {
    expect(plainFor("ş")).toBe("s");
    expect(plainFor("…")).toBe("...");
    expect(plainFor("ع")).toBeNull();
    expect(plainFor("😀")).toBeNull();
  });

  it("turns a text into one that needs half the parts", () => {
    expect(plainText("“Teşekkürler” – çok…")).toBe('"Tesekkürler" - cok...');
  });
});
