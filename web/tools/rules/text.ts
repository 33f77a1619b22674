/** Words for people that stand in code instead of a catalogue: JSX text, and attributes that people read or hear. */
export type Node = { type: string; start: number; [key: string]: unknown };
export type TextFault = { start: number; text: string };

const READ = new Set([
  "label",
  "placeholder",
  "title",
  "alt",
  "description",
  "aria-label",
  "ariaLabel",
  "error",
  "confirm",
]);
/** What is the same in every language: the product's name, keys, signs. */
const SAME = new Set([
  "Rapport",
  "Ctrl",
  "Ctrl Z",
  "Alt ↑ ↓",
  "Ctrl ↵",
  "Esc",
  "Enter",
  "CSV",
  "XLSX",
  "API",
  "SMS",
]);
/** The name of a message, handed on to where it is looked up. */
const KEY = /^[a-z-]+\.[a-z0-9_.]+$/;
const LETTERS = /\p{L}{2,}/u;

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}

function attributeText(node: Node): string | null {
  const name = (node.name as Node | undefined)?.name;
  if (typeof name !== "string" || !READ.has(name) || !isNode(node.value)) return null;
  const value = node.value.type === "JSXExpressionContainer" ? (node.value.expression as Node) : node.value;
  return value.type === "Literal" && typeof value.value === "string" ? value.value : null;
}

function fault(node: Node): TextFault | null {
  const text =
    node.type === "JSXText" ? String(node.value) : node.type === "JSXAttribute" ? attributeText(node) : null;
  const said = text?.replace(/\s+/g, " ").trim() ?? "";
  return LETTERS.test(said) && !SAME.has(said) && !KEY.test(said) ? { start: node.start, text: said } : null;
}

/** Every piece of text below a syntax tree. */
export function textFaults(root: Node): TextFault[] {
  const here = fault(root);
  const below = Object.values(root)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isNode)
    .flatMap(textFaults);
  return here ? [here, ...below] : below;
}
