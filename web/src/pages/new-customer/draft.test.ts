/** C1, C3, C4: what the form for a new customer sends, and what it asks for before. */
import { describe, expect, it } from "vitest";
import type { CustomField } from "../../api/types.ts";
import { probes } from "./Duplicates.tsx";
import { askedFields, blank, bodyOf, fromNumber, wants } from "./draft.ts";

const field = (over: Partial<CustomField>): CustomField => ({
  id: "f",
  title: "F",
  type: "text",
  section_id: "general",
  position: 0,
  group_ids: [],
  list: null,
  multiple: false,
  placement: "basic",
  required: false,
  visible_in_search: false,
  retired: false,
  version: 1,
  ...over,
});

describe("a new customer", () => {
  it("needs a group, and a name or a contact", () => {
    expect(wants(blank(), [])).toEqual({ groups: "groups", name: "name" });
    const draft = { ...blank("person", ["g"]), names: { last_name: "Ahmadi" } };
    expect(wants(draft, [])).toEqual({});
  });

  it("is asked for the basic fields of its groups only; needed ones are needed", () => {
    const fields = [
      field({ id: "all" }),
      field({ id: "g", group_ids: ["g"], required: true }),
      field({ id: "h", group_ids: ["h"] }),
      field({ id: "more", placement: "additional" }),
      field({ id: "old", retired: true }),
    ];
    expect(askedFields(fields, ["g"]).map(({ id }) => id)).toEqual(["all", "g"]);
    const draft = { ...blank("person", ["g"]), names: { first_name: "A" } };
    expect(wants(draft, fields)).toEqual({ g: "field" });
  });

  it("is sent without what is empty, of the other kind, or of groups that were left again", () => {
    const draft = blank("organization", ["g"]);
    draft.names = { name: " Aria ", first_name: "left over" };
    draft.fields = { h: "hidden" };
    const [mobile] = draft.contacts;
    if (mobile) mobile.value = " 0912 345 6789 ";
    expect(bodyOf(draft, [field({ id: "h", group_ids: ["h"] })])).toEqual({
      kind: "organization",
      groups: ["g"],
      name: "Aria",
      contacts: [{ kind: "mobile", value: "0912 345 6789", label: null, primary: true }],
    });
  });

  it("looks for doubles by whole numbers, addresses and full names, not by fragments", () => {
    const draft = blank("person", ["g"]);
    draft.names = { first_name: "Reza" };
    const [mobile, email] = draft.contacts;
    if (mobile) mobile.value = "۰۹۱۲";
    if (email) email.value = "reza@";
    expect(probes(draft)).toEqual([]);
    if (mobile) mobile.value = "۰۹۱۲ ۳۴۵ ۶۷۸۹";
    draft.names.last_name = "Ahmadi";
    expect(probes(draft)).toEqual(["۰۹۱۲ ۳۴۵ ۶۷۸۹", "Reza Ahmadi"]);
  });

  it("M5: begins with the number somebody unknown wrote from, and blank without one", () => {
    expect(fromNumber("+989123456789").contacts[0]).toMatchObject({ kind: "mobile", value: "+989123456789" });
    expect(fromNumber(undefined).contacts.map((line) => line.value)).toEqual(["", ""]);
  });
});
