/** Q3: the sentence is the API's tree: groups, negation, and what is sent for an empty one. */
import { describe, expect, it } from "vitest";
import type { Condition } from "../api/types.ts";
import { isComplete } from "./complete.ts";
import {
  appendAt,
  asNode,
  asQuery,
  asRoot,
  both,
  changeAt,
  chipOf,
  groupLast,
  removeAt,
  setMode,
} from "./tree.ts";
import { conditionOf, valueFor } from "./values.ts";

const city: Condition = { field: "city", op: "is", value: "Tehran" };
const fresh: Condition = { field: "created_at", op: "within_last", value: { amount: 7, unit: "day" } };

describe("the tree", () => {
  it("an empty sentence asks for everything, and empty brackets are not sent", () => {
    expect(asQuery({ all: [] })).toBeNull();
    expect(asQuery({ all: [city, { any: [] }] })).toEqual({ all: [city] });
  });

  it("grows, changes and shrinks at a place", () => {
    const root = appendAt(appendAt({ all: [] }, [], city), [], { any: [fresh] });
    expect(root).toEqual({ all: [city, { any: [fresh] }] });
    expect(changeAt(root, [1, 0], () => city)).toEqual({ all: [city, { any: [city] }] });
    expect(appendAt(root, [1], city)).toEqual({ all: [city, { any: [fresh, city] }] });
    expect(removeAt(root, [1, 0])).toEqual({ all: [city, { any: [] }] });
    expect(setMode(root, [1], "none")).toEqual({ all: [city, { none: [fresh] }] });
  });

  it("G puts the last condition into a group of the other kind", () => {
    expect(groupLast({ all: [city, fresh] })).toEqual({ all: [city, { any: [fresh] }] });
    expect(groupLast({ any: [city] })).toEqual({ any: [{ all: [city] }] });
  });

  it("a negated condition is one chip, a negated group is not", () => {
    expect(chipOf(asNode(city, true))).toEqual({ condition: city, not: true });
    expect(chipOf({ none: [city, fresh] })).toBeNull();
    expect(asRoot({ none: [city] })).toEqual({ all: [{ none: [city] }] });
  });

  it("a saved filter that is narrowed is both", () => {
    expect(both(city, fresh)).toEqual({ all: [city, fresh] });
    expect(both(null, fresh)).toBe(fresh);
    expect(both(city, null)).toBe(city);
  });
});

describe("a condition", () => {
  it("with several values is sent as in", () => {
    expect(conditionOf("city", "is", ["a", "b"])).toEqual({ field: "city", op: "in", value: ["a", "b"] });
    expect(conditionOf("city", "is", ["a"])).toEqual(city && { field: "city", op: "is", value: "a" });
  });

  it("keeps a value only where the new comparison can take it", () => {
    expect(valueFor("contains", { ...city, op: "in", value: ["a", "b"] })).toBe("a");
    expect(valueFor("filled", city)).toBeNull();
    expect(valueFor("older_than", fresh)).toEqual({ amount: 7, unit: "day" });
    expect(valueFor("gte", fresh)).toBeNull();
  });

  it.each([
    [{ ...city, op: "contains", value: "T" }, "text", false],
    [{ ...city, op: "contains", value: "Te" }, "text", true],
    [{ field: "phone", op: "contains", value: "+-" }, "phone", false],
    [{ field: "phone", op: "contains", value: "۰۹" }, "phone", true],
    [{ ...city, op: "filled" }, "text", true],
    [{ ...city, value: [] }, "text", false],
    [{ ...fresh, value: { amount: 0, unit: "day" } }, "instant", false],
    [{ ...fresh, op: "between", value: ["2026-01-01", ""] }, "instant", false],
  ] as const)("%j of %s is finished: %s", (condition, kind, finished) => {
    expect(isComplete(condition as unknown as Condition, kind)).toBe(finished);
  });
});
