/** Q8, C9: what the client sends: the version to change, the person's intent, and the positions a search waits for. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { batched } from "./batched.ts";
import { api, currentPosition, notePosition, onSessionLost, Problem, setCsrfToken } from "./client.ts";

function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  const sent = vi.fn(
    async (_url: string, _init: RequestInit) =>
      new Response(JSON.stringify(body), {
        status,
        headers: { "content-type": "application/json", ...headers },
      }),
  );
  vi.stubGlobal("fetch", sent);
  return sent;
}

afterEach(() => {
  vi.unstubAllGlobals();
  setCsrfToken(null);
});

describe("requests", () => {
  it("carry If-Match, the idempotency key and the CSRF token on writes", async () => {
    const sent = answer(200, {});
    setCsrfToken("token");
    await api.patch("/customers/1", { a: 1 }, { version: 7, idempotencyKey: "k" });
    const headers = sent.mock.calls[0]?.[1].headers as Headers;
    expect(headers.get("if-match")).toBe('"7"');
    expect(headers.get("idempotency-key")).toBe("k");
    expect(headers.get("x-csrf-token")).toBe("token");
    expect(headers.get("content-type")).toBe("application/merge-patch+json");
  });

  it("a search after a write waits for what was written, the newest version of each", async () => {
    answer(200, {}, { "x-position": "c1@3, c2@1" });
    await api.post("/customers", {});
    notePosition("c1@5");
    const sent = answer(200, { items: [] });
    await api.post("/customers:search", {}, { positioned: true });
    const headers = sent.mock.calls[0]?.[1].headers as Headers;
    expect(headers.get("x-position")).toBe("c1@5,c2@1");
    expect(currentPosition(Date.now() + 60_000)).toBeNull();
  });

  it("a refusal is a Problem with its code, and the end of a session is told", async () => {
    answer(401, { status: 401, code: "unauthenticated" });
    const told = vi.fn();
    const stop = onSessionLost(told);
    const error = await api.get("/auth/me").catch((problem: unknown) => problem);
    stop();
    expect(error).toBeInstanceOf(Problem);
    expect((error as Problem).code).toBe("unauthenticated");
    expect(told).toHaveBeenCalledOnce();
  });

  it("no answer is a Problem, too", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("offline")));
    await expect(api.get("/x")).rejects.toMatchObject({ code: "network" });
  });
});

describe("batched look-ups", () => {
  it("of one moment are one request; unknown ids are null", async () => {
    const fetchMany = vi.fn(async (ids: string[]) => ids.filter((id) => id !== "gone").map((id) => ({ id })));
    const look = batched(fetchMany);
    expect(await Promise.all([look("a"), look("gone"), look("a")])).toEqual([{ id: "a" }, null, { id: "a" }]);
    expect(fetchMany).toHaveBeenCalledOnce();
    expect(fetchMany).toHaveBeenCalledWith(["a", "gone"]);
  });
});
