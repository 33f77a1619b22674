/** C9: a stale edit loses nothing: what others changed elsewhere is no conflict, the same place is. */
import { describe, expect, it } from "vitest";
import type { Customer } from "../../api/types.ts";
import { clashes, inverse, places } from "./patch.ts";

const base: Customer = {
  id: "c1",
  kind: "person",
  title: null,
  first_name: "Reza",
  description: null,
  related_to: null,
  created_by: "u1",
  groups: ["g1"],
  contacts: [],
  address: { city: "Tehran" },
  fields: { f1: 3 },
  enabled: true,
  created_at: "2026-11-22T00:00:00Z",
  updated_at: "2026-11-22T00:00:00Z",
  version: 3,
};

describe("patches", () => {
  it("do not clash with a change of another place", () => {
    const current = { ...base, first_name: "Ali", address: { city: "Tehran", street: "x" }, version: 4 };
    expect(clashes(base, current, { address: { city: "Karaj" } })).toBe(false);
  });

  it("clash with a change of the same place", () => {
    const current = { ...base, address: { city: "Shiraz" }, version: 4 };
    expect(clashes(base, current, { address: { city: "Karaj" } })).toBe(true);
    expect(clashes(base, { ...base, fields: { f1: 4 } }, { fields: { f1: 5 } })).toBe(true);
    expect(clashes(base, { ...base, groups: ["g1", "g2"] }, { groups: [] })).toBe(true);
  });

  it("show both versions of each place", () => {
    const current = { ...base, address: { city: "Shiraz" } };
    expect(places(current, { address: { city: "Karaj" } })).toEqual([
      { path: "address.city", mine: "Karaj", theirs: "Shiraz" },
    ]);
  });

  it("have an inverse that unsets what was not there", () => {
    expect(inverse(base, { first_name: "Ali", fields: { f1: 9, f2: "x" }, groups: ["g1", "g2"] })).toEqual({
      first_name: "Reza",
      fields: { f1: 3, f2: null },
      groups: ["g1"],
    });
  });
});
