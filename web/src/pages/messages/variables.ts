/** Variables in a text: what stands open before the caret, putting one in, and which ones do not exist. */
import type { Variable } from "./api.ts";

const VARIABLE = /\{\{\s*([^{}|]*?)\s*(?:\|[^{}]*)?\}\}/g;

export type Open = { from: number; typed: string };

/** The variable being typed before the caret: from its first brace, with what was typed since; null when there is none. */
export function openAt(text: string, caret: number): Open | null {
  const before = text.slice(0, caret);
  const match = /\{\{?\s*([^{}|\s]*)$/.exec(before);
  return match ? { from: match.index, typed: match[1] ?? "" } : null;
}

/** The text with `{{name}}` in place of what stands open, and the caret after it. */
export function insert(text: string, caret: number, name: string): { text: string; caret: number } {
  const from = openAt(text, caret)?.from ?? caret;
  const rest = text.slice(caret).replace(/^\s*\}{1,2}/, "");
  const put = `{{${name}}}`;
  return { text: text.slice(0, from) + put + rest, caret: from + put.length };
}

/** The names of variables that the text uses, in order, each once. */
export function used(text: string): string[] {
  return [...new Set([...text.matchAll(VARIABLE)].map((match) => match[1] ?? ""))];
}

export type Unknown = { name: string; suggestion: string | null };

/** Variables that do not exist, each with the nearest that does. */
export function unknown(text: string, known: Variable[]): Unknown[] {
  const names = new Set(known.map((variable) => variable.name));
  return used(text)
    .filter((name) => !names.has(name))
    .map((name) => ({ name, suggestion: nearest(name, known) }));
}

/** The text with one variable's name replaced everywhere; what stands after the bar stays. */
export function rename(text: string, from: string, to: string): string {
  return text.replace(VARIABLE, (whole, name: string) => (name === from ? whole.replace(name, to) : whole));
}

function nearest(name: string, known: Variable[]): string | null {
  const wanted = plain(name);
  let best: { name: string; distance: number } | null = null;
  for (const variable of known) {
    const distance = Math.min(edits(wanted, plain(variable.name)), edits(wanted, plain(variable.title)));
    if (!best || distance < best.distance) best = { name: variable.name, distance };
  }
  return best && best.distance <= Math.max(2, Math.floor(wanted.length / 2)) ? best.name : null;
}

const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

function edits(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let at = 1; at <= one.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= other.length; to += 1) {
      const same = one[at - 1] === other[to - 1] ? 0 : 1;
      next.push(Math.min((next[to - 1] ?? 0) + 1, (row[to] ?? 0) + 1, (row[to - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
