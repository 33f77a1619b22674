import { IconBuilding } from "@tabler/icons-react";
import classes from "./Avatar.module.css";

/** Letters that stand for a name: of its first and last word, in whatever script. */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/\s+/)
    .filter((word) => /\p{L}|\p{N}/u.test(word));
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => word?.match(/\p{L}|\p{N}/u)?.[0] ?? "")
    .filter(Boolean);
  return letters.join("\u200c").toLocaleUpperCase();
}

/** One of six quiet hues, the same for the same name. */
function hue(name: string): number {
  let sum = 7;
  for (const char of name) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 997;
  return sum % 6;
}

/** Persons round, organizations square. Decorative: the name stands beside it. */
export function Avatar({
  name,
  kind,
  size = 24,
}: {
  name: string;
  kind: "person" | "organization";
  size?: number;
}) {
  const letters = initials(name);
  return (
    <span
      aria-hidden
      className={classes.avatar}
      data-kind={kind}
      data-hue={hue(name)}
      style={{ inlineSize: size, blockSize: size, fontSize: Math.round(size * 0.4) }}
    >
      {kind === "organization" ? (
        <IconBuilding size={Math.round(size * 0.58)} stroke={1.75} />
      ) : (
        letters || "·"
      )}
    </span>
  );
}
