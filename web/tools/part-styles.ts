/** Fails when a Mantine part is in the bundle and its styles are not: src/design/mantine-parts.css names them one by one. */
import { readdirSync, readFileSync } from "node:fs";

const DIST = new URL("../dist/assets/", import.meta.url).pathname;
const STYLES = new URL("../node_modules/@mantine/core/styles/", import.meta.url).pathname;
/** Mantine's class names: one a part, the same in its script and in its stylesheet. */
const NAME = /\bm_[0-9a-f]{6,8}\b/g;

function namesIn(folder: string, suffix: string): Set<string> {
  const files = readdirSync(folder).filter((name) => name.endsWith(suffix) && !name.includes(".layer."));
  return new Set(files.flatMap((name) => readFileSync(folder + name, "utf8").match(NAME) ?? []));
}

const [styled, scripts, built] = [namesIn(STYLES, ".css"), namesIn(DIST, ".js"), namesIn(DIST, ".css")];
const missing = [...scripts].filter((name) => styled.has(name) && !built.has(name));
for (const file of readdirSync(STYLES).filter((name) => !name.includes(".layer."))) {
  const text = readFileSync(STYLES + file, "utf8");
  if (missing.some((name) => text.includes(name))) console.error(`not in mantine-parts.css: ${file}`);
}
if (missing.length) process.exit(1);
