/** Turns locales/<language>/<area>.json into compiled message modules, so that no ICU parser is shipped to the browser. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileMessageOrThrow } from "@lingui/message-utils/compileMessage";
import type { Plugin } from "vite";

export const LOCALES = join(dirname(fileURLToPath(import.meta.url)), "../src/locales");
/** Areas the small sign-in entry needs; the console itself loads every area of one language. */
const SIGN_IN_AREAS = ["sign-in", "problem", "language"];
const PREFIX = "virtual:catalogue/";

/** `{ area: { key: ICU message } }` of one language, as the files say. */
export function readLanguage(language: string): Record<string, Record<string, string>> {
  const folder = join(LOCALES, language);
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return Object.fromEntries(
    files.map((name) => [name.replace(/\.json$/, ""), JSON.parse(readFileSync(join(folder, name), "utf8"))]),
  );
}

function compile(language: string, areas: string[] | null): string {
  const messages = Object.entries(readLanguage(language))
    .filter(([area]) => areas === null || areas.includes(area))
    .flatMap(([area, entries]) =>
      Object.entries(entries).map(([key, text]) => [`${area}.${key}`, compileMessageOrThrow(text)] as const),
    );
  return `export default JSON.parse(${JSON.stringify(JSON.stringify(Object.fromEntries(messages)))})`;
}

/** Serves `virtual:catalogue/<language>` and `virtual:catalogue/sign-in/<language>`. */
export function catalogues(): Plugin {
  return {
    name: "rapport-catalogues",
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return undefined;
      const rest = id.slice(PREFIX.length + 1).split("/");
      const language = rest.at(-1) ?? "en";
      for (const name of readdirSync(join(LOCALES, language)))
        this.addWatchFile(join(LOCALES, language, name));
      return compile(language, rest.length > 1 ? SIGN_IN_AREAS : null);
    },
    /** boot.js learns which file holds the words of each language, so that they come with the scripts and not after them. */
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle, filename }) {
        const words = filename.endsWith("sign-in.html") ? `${PREFIX}sign-in/` : PREFIX;
        const said = Object.values(bundle ?? {}).flatMap((file) => {
          const id = file.type === "chunk" ? file.facadeModuleId?.slice(1) : undefined;
          if (!id?.startsWith(words) || id.slice(words.length).includes("/")) return [];
          return [`data-${id.slice(words.length)}="/${file.fileName}"`];
        });
        return html.replace('<script src="/boot.js"', `<script src="/boot.js" ${said.join(" ")}`);
      },
    },
    handleHotUpdate({ file, server }) {
      if (!file.startsWith(LOCALES)) return;
      server.moduleGraph.invalidateAll();
      server.ws.send({ type: "full-reload" });
    },
  };
}
