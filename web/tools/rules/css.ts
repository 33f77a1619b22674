/** CSS that would not turn round with the page: physical sides, physical sizes of boxes, four-value paddings with unlike sides. */
export type CssFault = { line: number; text: string };

const PHYSICAL =
  /(?<![\w-])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)(?:-\w+)?|left|right|border-(?:top|bottom)-(?:left|right)-radius)\s*:/;
const SIDED = /(?<![\w-])(?:text-align|float|clear)\s*:\s*(?:left|right)\b/;
const FOUR = /(?<![\w-])(margin|padding|inset|border-width|scroll-margin|scroll-padding)\s*:\s*([^;{}]+)/;

function parts(value: string): string[] {
  return value
    .replace(/\([^()]*\)/g, (inner) => inner.replace(/\s+/g, ""))
    .trim()
    .split(/\s+/);
}

function unlike(line: string): boolean {
  const value = FOUR.exec(line)?.[2];
  if (!value) return false;
  const [, end, , start] = parts(value);
  return start !== undefined && end !== start;
}

/** Every line that names a physical side. */
export function cssFaults(source: string): CssFault[] {
  const bare = source.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "));
  return bare.split("\n").flatMap((line, index) => {
    if (PHYSICAL.test(line) || SIDED.test(line))
      return [{ line: index + 1, text: `physical side: ${line.trim()}` }];
    return unlike(line) ? [{ line: index + 1, text: `start and end differ, say which: ${line.trim()}` }] : [];
  });
}
