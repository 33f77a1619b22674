/** Rules of our own: logical CSS only, no text in code, catalogues that are equal in both languages. Exits 1 with every place. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAst } from "vite";
import { readLanguage } from "./catalogues.ts";
import { catalogueFaults } from "./rules/catalogue.ts";
import { cssFaults } from "./rules/css.ts";
import { type Node, textFaults } from "./rules/text.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

function* filesIn(folder: string, suffix: RegExp): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* filesIn(path, suffix);
    else if (suffix.test(name)) yield path;
  }
}

function lineOf(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length;
}

function* faults(): Generator<string> {
  for (const path of filesIn(join(ROOT, "src"), /\.css$/)) {
    for (const { line, text } of cssFaults(readFileSync(path, "utf8")))
      yield `${relative(ROOT, path)}:${line} ${text}`;
  }
  for (const path of filesIn(join(ROOT, "src"), /(?<!\.test)\.tsx$/)) {
    const source = readFileSync(path, "utf8");
    for (const { start, text } of textFaults(parseAst(source, { lang: "tsx" }) as unknown as Node)) {
      yield `${relative(ROOT, path)}:${lineOf(source, start)} text in code: ${JSON.stringify(text)}`;
    }
  }
  yield* catalogueFaults(readLanguage("en"), readLanguage("fa"));
}

const found = [...faults()];
for (const fault of found) console.error(fault);
console.log(found.length ? `${found.length} faults` : "lint: nothing to say");
process.exit(found.length ? 1 : 0);
