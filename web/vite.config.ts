import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { catalogues } from "./tools/catalogues.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** `npm run dev` works against a running gateway (`make run`); RAPPORT_API names another one. */
const gateway = process.env.RAPPORT_API ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), catalogues()],
  resolve: { alias: { "@": here("./src") } },
  build: {
    target: "es2023",
    manifest: true,
    rolldownOptions: { input: { app: here("./index.html"), "sign-in": here("./sign-in.html") } },
  },
  // The gateway refuses writes that come from another host than the one it is asked as.
  server: { proxy: { "/api": { target: gateway, changeOrigin: false } } },
});
