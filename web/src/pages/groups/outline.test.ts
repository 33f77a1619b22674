import { describe, expect, it } from "vitest";
import { withDepth } from "../kit/data.ts";
import { indented, moved, outdented, parseOutline, placeOf, subtree, visible } from "./outline.ts";

const group = (id: string, parent_id: string | null, position: number) => ({
  id,
  name: id,
  parent_id,
  position,
  count: 0,
  version: 1,
});

// A / (A1 / A11, A2), B
const GROUPS = [
  group("A", null, 0),
  group("A1", "A", 0),
  group("A11", "A1", 0),
  group("A2", "A", 1),
  group("B", null, 1),
];
const find = (id: string) => GROUPS.find((one) => one.id === id) as (typeof GROUPS)[number];

describe("C3: moving in the outline", () => {
  it("Tab makes a group the last child of the one above", () => {
    expect(indented(GROUPS, find("A2"))).toEqual({ parent_id: "A1", position: 1 });
    expect(indented(GROUPS, find("A1"))).toBeNull();
  });

  it("Shift-Tab puts it right after its parent", () => {
    expect(outdented(GROUPS, find("A11"))).toEqual({ parent_id: "A", position: 1 });
    expect(outdented(GROUPS, find("B"))).toBeNull();
  });

  it("Alt and arrows change places among siblings and stop at the edge", () => {
    expect(moved(GROUPS, find("A2"), -1)).toEqual({ parent_id: "A", position: 0 });
    expect(moved(GROUPS, find("A2"), 1)).toBeNull();
    expect(placeOf(GROUPS, find("A2"))).toEqual({ parent_id: "A", position: 1 });
  });

  it("a folded group hides everything below it", () => {
    expect(visible(withDepth(GROUPS), new Set(["A"])).map((one) => one.id)).toEqual(["A", "B"]);
    expect([...subtree(GROUPS, "A")]).toEqual(["A", "A1", "A11", "A2"]);
  });

  it("a group knows its depth and path", () => {
    expect(withDepth(GROUPS).find((one) => one.id === "A11")).toMatchObject({
      depth: 2,
      path: "A / A1 / A11",
    });
  });
});

describe("a pasted list", () => {
  it("is indented by tabs, spaces or dashes", () => {
    expect(parseOutline("Partners\n\tGold\n\t\tTehran\n\tSilver\nLeads")).toEqual([
      { name: "Partners", depth: 0 },
      { name: "Gold", depth: 1 },
      { name: "Tehran", depth: 2 },
      { name: "Silver", depth: 1 },
      { name: "Leads", depth: 0 },
    ]);
    expect(parseOutline("- مشتریان\n  - ویژه\n  - عادی").map((one) => one.depth)).toEqual([0, 1, 1]);
  });

  it("never skips a level and drops empty lines", () => {
    expect(parseOutline("A\n\n        B\n    C").map((one) => one.depth)).toEqual([0, 1, 1]);
  });
});
