import { describe, expect, it } from "vitest";
import type { CustomField } from "@/api/types.ts";
import { columns, isElsewhere, step } from "./order.ts";

const section = (id: string, position: number) => ({ id, title: id, position, built_in: false, version: 1 });
const field = (id: string, section_id: string, position: number): CustomField => ({
  id,
  title: id,
  type: "text",
  section_id,
  position,
  group_ids: [],
  list: null,
  multiple: false,
  placement: "basic",
  required: false,
  visible_in_search: false,
  retired: false,
  version: 1,
});

const FIELDS = [field("b", "one", 1), field("a", "one", 0), field("c", "two", 0)];
const ALL = columns([section("two", 1), section("one", 0)], FIELDS);
const find = (id: string) => FIELDS.find((one) => one.id === id) as CustomField;

describe("C4: the order of fields", () => {
  it("is that of sections, then of positions", () => {
    expect(ALL.map((column) => column.fields.map((one) => one.id))).toEqual([["a", "b"], ["c"]]);
  });

  it("a step inside a section changes places", () => {
    expect(step(ALL, find("b"), -1)).toEqual({ section_id: "one", position: 0 });
  });

  it("a step past the edge goes over into the neighbouring section", () => {
    expect(step(ALL, find("b"), 1)).toEqual({ section_id: "two", position: 0 });
    expect(step(ALL, find("c"), -1)).toEqual({ section_id: "one", position: 2 });
    expect(step(ALL, find("a"), -1)).toBeNull();
  });

  it("dropping it where it was changes nothing", () => {
    expect(isElsewhere(ALL, find("a"), { section_id: "one", position: 0 })).toBe(false);
    expect(isElsewhere(ALL, find("a"), { section_id: "two", position: 0 })).toBe(true);
  });
});
