/** Writes src/api/schema.gen.ts, the API's shapes as docs/openapi.json says them; with `--check`, fails when it is not current. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

type Schema = {
  $ref?: string;
  type?: string | string[];
  anyOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
};

const DOCUMENT = fileURLToPath(new URL("../../docs/openapi.json", import.meta.url));
const TYPES = fileURLToPath(new URL("../src/api/schema.gen.ts", import.meta.url));
const HEAD =
  "/** Generated from docs/openapi.json by tools/api-types.ts (`npm run api`). Not edited by hand. */\n\n";
const SIMPLE: Record<string, string> = {
  string: "string",
  integer: "number",
  number: "number",
  boolean: "boolean",
  null: "null",
};

function union(parts: string[]): string {
  return [...new Set(parts)].join(" | ");
}

function objectOf(schema: Schema): string {
  const { properties = {}, required = [], additionalProperties: more } = schema;
  const lines = Object.entries(properties).map(
    ([name, one]) => `${JSON.stringify(name)}${required.includes(name) ? "" : "?"}: ${typeOf(one)};`,
  );
  if (lines.length) return `{ ${lines.join(" ")} }`;
  return `Record<string, ${typeof more === "object" ? typeOf(more) : "unknown"}>`;
}

function typeOf(schema: Schema): string {
  if (schema.$ref) return schema.$ref.replace(/.*\//, "");
  if (schema.enum) return union(schema.enum.map((value) => JSON.stringify(value)));
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.anyOf) return union(schema.anyOf.map(typeOf));
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => typeOf({ ...schema, type })));
  if (schema.type === "array") return `Array<${typeOf(schema.items ?? {})}>`;
  if (schema.type === "object") return objectOf(schema);
  return SIMPLE[schema.type ?? ""] ?? "unknown";
}

const schemas: Record<string, Schema> = JSON.parse(readFileSync(DOCUMENT, "utf8")).components.schemas;
const text =
  HEAD +
  Object.entries(schemas)
    .map(([name, schema]) => `export type ${name} = ${typeOf(schema)};\n`)
    .join("");
if (!process.argv.includes("--check")) writeFileSync(TYPES, text);
else if (readFileSync(TYPES, "utf8") !== text) {
  console.error("src/api/schema.gen.ts is not what docs/openapi.json says: npm run api");
  process.exit(1);
}
