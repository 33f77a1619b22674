/** The catalogues of the two languages must say the same things: the same areas, keys and placeholders. */
import { type CompiledMessage, compileMessageOrThrow } from "@lingui/message-utils/compileMessage";

type Areas = Record<string, Record<string, string>>;

function names(message: CompiledMessage): string[] {
  return message.flatMap((token) => {
    if (typeof token === "string") return [];
    const [name, , format] = token;
    const choices = typeof format === "object" && format !== null ? Object.values(format) : [];
    return [
      name,
      ...choices.flatMap((choice) => (Array.isArray(choice) ? names(choice as CompiledMessage) : [])),
    ];
  });
}

/** The placeholders of an ICU message, each once, sorted. */
export function placeholders(text: string): string[] {
  return [...new Set(names(compileMessageOrThrow(text)))].filter((name) => name !== "#").sort();
}

function* areaFaults(
  area: string,
  one: Record<string, string>,
  other: Record<string, string>,
): Generator<string> {
  for (const [key, text] of Object.entries(one)) {
    const twin = other[key];
    if (twin === undefined) yield `locales: ${area}.${key} is missing in fa`;
    else if (twin.trim() === "" && text.trim() !== "") yield `locales: ${area}.${key} is empty in fa`;
    else if (placeholders(text).join() !== placeholders(twin).join()) {
      yield `locales: ${area}.${key} has placeholders [${placeholders(text)}] in en, [${placeholders(twin)}] in fa`;
    }
  }
  for (const key of Object.keys(other)) if (!(key in one)) yield `locales: ${area}.${key} is missing in en`;
}

export function* catalogueFaults(en: Areas, fa: Areas): Generator<string> {
  for (const area of new Set([...Object.keys(en), ...Object.keys(fa)])) {
    yield* areaFaults(area, en[area] ?? {}, fa[area] ?? {});
  }
}
