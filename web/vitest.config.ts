import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { catalogues } from "./tools/catalogues.ts";

export default defineConfig({
  plugins: [react(), catalogues()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  test: {
    include: ["src/**/*.test.{ts,tsx}", "tests/**/*.test.{ts,tsx}"],
    environment: "node",
    isolate: false,
    testTimeout: 60_000, // a limit for trouble, not for a busy machine
  },
});
