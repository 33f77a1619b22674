// @vitest-environment happy-dom
/** Q1: who types and presses Enter at once gets the first customer for what was typed, when it arrives. */
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { cleanup, fireEvent, render, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { activate } from "../../i18n/i18n.tsx";
import { preferences } from "../../i18n/preferences.ts";
import { QuickSearch } from "./QuickSearch.tsx";

/** Answers of the service, given when the test says so. */
const answers = new Map<string, (names: string[]) => void>();

function hit(name: string) {
  return { id: name, version: 1, kind: "person", last_name: name, groups: ["g"], enabled: true };
}

function asked(url: string): Promise<Response> {
  return new Promise((resolve) => {
    answers.set(new URL(url, "http://x").searchParams.get("q") ?? "", (names) =>
      resolve(Response.json({ items: names.map(hit) })),
    );
  });
}

async function shown() {
  const root = createRootRoute({ component: QuickSearch });
  const routes = ["/", "/customers", "/customers/$id"].map((path) =>
    createRoute({ getParentRoute: () => root, path, component: () => null }),
  );
  const router = createRouter({
    routeTree: root.addChildren(routes),
    history: createMemoryHistory({ initialEntries: ["/"] }),
  });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const { findByRole } = render(
    <QueryClientProvider client={client}>
      <MantineProvider>
        <RouterProvider router={router as never} />
      </MantineProvider>
    </QueryClientProvider>,
  );
  const field = (await findByRole("combobox")) as HTMLInputElement;
  return {
    field,
    place: () => router.state.location.pathname,
    type: (text: string) => fireEvent.change(field, { target: { value: text } }),
    press: (code: string) => fireEvent.keyDown(field, { key: code, code }),
    answer: async (text: string, ...names: string[]) => {
      await waitFor(() => expect(answers.has(text)).toBe(true));
      answers.get(text)?.(names);
    },
  };
}

beforeEach(async () => {
  preferences.set({ language: "en" });
  await activate("en");
  vi.stubGlobal("fetch", vi.fn(asked));
  Element.prototype.scrollIntoView ??= () => {};
});

afterEach(() => {
  cleanup();
  answers.clear();
  vi.unstubAllGlobals();
});

it("Enter before the results opens the first one when it arrives", async () => {
  const { type, press, answer, place } = await shown();
  type("rez");
  press("Enter");
  await answer("rez", "Reza", "Rezvan");
  await waitFor(() => expect(place()).toBe("/customers/Reza"));
});

it("Enter never opens what was found for fewer letters", async () => {
  const { type, press, answer, place, field } = await shown();
  type("re");
  await answer("re", "Rebecca");
  await waitFor(() => expect(document.querySelector("[role=option]")?.textContent).toContain("Rebecca"));
  type("rez");
  press("Enter");
  expect(field.value).toBe("rez");
  await answer("rez", "Reza");
  await waitFor(() => expect(place()).toBe("/customers/Reza"));
});

it("going on typing, or leaving, takes the Enter back", async () => {
  const { type, press, answer, place } = await shown();
  type("rez");
  press("Enter");
  type("reza");
  await answer("reza", "Reza");
  await waitFor(() => expect(document.querySelector("[role=option]")?.textContent).toContain("Reza"));
  expect(place()).toBe("/");
});

it("Enter on nothing stays", async () => {
  const { type, press, answer, place, field } = await shown();
  type("xyz");
  press("Enter");
  await answer("xyz");
  await waitFor(() => expect(document.body.textContent).toContain("Nothing found"));
  expect([place(), field.value]).toEqual(["/", "xyz"]);
});
