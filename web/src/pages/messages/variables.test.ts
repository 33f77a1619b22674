import { describe, expect, it } from "vitest";
import { insert, openAt, rename, unknown, used } from "./variables.ts";

const KNOWN = [
  { name: "first_name", title: "First name" },
  { name: "city", title: "City" },
  { name: "custom.f1", title: "Membership" },
];

describe("M2: variables in a text", () => {
  it("one brace opens the list, and what is typed after it narrows it", () => {
    expect(openAt("Dear {", 6)).toEqual({ from: 5, typed: "" });
    expect(openAt("Dear {{fir", 10)).toEqual({ from: 5, typed: "fir" });
    expect(openAt("Dear {{first_name}} x", 21)).toBeNull();
  });

  it("putting one in replaces what stands open and closes it once", () => {
    expect(insert("Dear {{fi}}, hi", 9, "first_name")).toEqual({
      text: "Dear {{first_name}}, hi",
      caret: 19,
    });
    expect(insert("Dear ", 5, "city")).toEqual({ text: "Dear {{city}}", caret: 13 });
  });

  it("an unknown variable comes with the nearest one", () => {
    expect(unknown("Hi {{frist_name}} of {{ city | here }}", KNOWN)).toEqual([
      { name: "frist_name", suggestion: "first_name" },
    ]);
    expect(unknown("{{membrship}}", KNOWN)[0]?.suggestion).toBe("custom.f1");
    expect(unknown("{{xyzzyplugh}}", KNOWN)[0]?.suggestion).toBeNull();
  });

  it("renaming keeps the default", () => {
    expect(rename("{{frist_name|friend}}", "frist_name", "first_name")).toBe("{{first_name|friend}}");
    expect(used("{{a}} {{a}} {{b|x}}")).toEqual(["a", "b"]);
  });
});
