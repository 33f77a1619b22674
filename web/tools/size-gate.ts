/** Fails when what a first visit loads is over the bar: JavaScript, gzipped, of an entry and all it imports at once. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

type Chunk = { file: string; imports?: string[]; dynamicImports?: string[]; css?: string[] };
type Manifest = Record<string, Chunk>;

const DIST = new URL("../dist/", import.meta.url).pathname;
/** Bars in kB; a first page is the app's entry with one language and the customers page. */
const BARS = [
  { name: "sign-in", entry: "sign-in.html", also: ["virtual:catalogue/sign-in/en"], bar: 120, goal: 100 },
  {
    name: "first page",
    entry: "index.html",
    also: ["virtual:catalogue/en", "src/pages/customers/CustomersPage.tsx"],
    bar: 350,
    goal: 250,
  },
];

const manifest: Manifest = JSON.parse(readFileSync(join(DIST, ".vite/manifest.json"), "utf8"));

function chunksOf(key: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`no chunk named ${key} in the manifest`);
  if (seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const name of chunk.imports ?? []) chunksOf(name, seen);
  return seen;
}

function find(name: string): string {
  const key = Object.keys(manifest).find((one) => one.endsWith(name));
  if (!key) throw new Error(`nothing in the manifest ends with ${name}`);
  return key;
}

function* filesIn(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* filesIn(path);
    else yield path;
  }
}

/** The gateway sends `.br` and `.gz` beside a file as they are. */
function pack(): void {
  for (const path of filesIn(DIST)) {
    if (!/\.(js|css|html|svg|json)$/.test(path)) continue;
    const content = readFileSync(path);
    writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
    writeFileSync(
      `${path}.br`,
      brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
    );
  }
}

function measure({ name, entry, also, bar, goal }: (typeof BARS)[number]): boolean {
  const files = new Set<string>();
  for (const key of [entry, ...also.map(find)]) for (const file of chunksOf(key)) files.add(file);
  const bytes = [...files]
    .filter((file) => file.endsWith(".js"))
    .reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length, 0);
  const size = bytes / 1000;
  const verdict = size > bar ? "OVER THE BAR" : size > goal ? "over the goal" : "ok";
  console.log(`${name}: ${size.toFixed(1)} kB of JavaScript gzipped (goal ${goal}, bar ${bar}): ${verdict}`);
  return size <= bar;
}

pack();
if (!BARS.map(measure).every(Boolean)) process.exit(1);
