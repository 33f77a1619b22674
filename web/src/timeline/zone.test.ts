/** L2: when something happened is said in the workspace's zone, also on the days on which clocks change. */
import { afterEach, describe, expect, it } from "vitest";
import { workspace } from "../i18n/workspace.ts";
import { instantOf, timeOf } from "./zone.ts";

describe("local times", () => {
  afterEach(() => workspace.set({ time_zone: "UTC" }));

  it("are instants of the workspace's zone", () => {
    workspace.set({ time_zone: "Asia/Tehran" });
    expect(instantOf("2026-11-22", "00:00")).toBe("2026-11-21T20:30:00.000Z");
    expect(timeOf("2026-11-21T20:30:00Z")).toBe("00:00");
  });

  it("respect summer time before and after its change", () => {
    workspace.set({ time_zone: "Europe/Berlin" });
    expect(instantOf("2026-03-29", "01:30")).toBe("2026-03-29T00:30:00.000Z");
    expect(instantOf("2026-03-29", "03:30")).toBe("2026-03-29T01:30:00.000Z");
    expect(instantOf("2026-07-01", "12:00")).toBe("2026-07-01T10:00:00.000Z");
  });
});
