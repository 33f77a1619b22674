/**
 * What a text costs as an SMS while it is typed (3GPP TS 23.038, 23.040): the same counting as the service's, and a plain
 * letter for those that force Unicode. Owns no truth: what is sent is counted by the service.
 */
const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENSION = new Set("\f^{}\\[~]|€");
const GSM = { single: 160, part: 153 };
const UCS = { single: 70, part: 67 };

export type Size = {
  encoding: "GSM-7" | "UCS-2";
  parts: number;
  units: number;
  left: number;
  forcedBy: string | null;
};

/** Encoding, parts, units used and units left in the last part. */
export function measure(text: string): Size {
  const chars = [...text];
  const forcedBy = chars.find((char) => !BASIC.has(char) && !EXTENSION.has(char)) ?? null;
  const limits = forcedBy ? UCS : GSM;
  const width = forcedBy ? (char: string) => char.length : (char: string) => (EXTENSION.has(char) ? 2 : 1);
  const units = chars.reduce((sum, char) => sum + width(char), 0);
  const encoding = forcedBy ? "UCS-2" : "GSM-7";
  if (units <= limits.single) {
    return { encoding, parts: units ? 1 : 0, units, left: limits.single - units, forcedBy };
  }
  let parts = 1;
  let used = 0;
  for (const char of chars) {
    const wide = width(char);
    if (used + wide > limits.part) {
      parts += 1;
      used = 0;
    }
    used += wide;
  }
  return { encoding, parts, units, left: limits.part - used, forcedBy };
}

/** Signs that look alike in the plain alphabet; letters with marks are found by taking the marks off. */
const ALIKE: Record<string, string> = {
  "“": '"',
  "”": '"',
  "„": '"',
  "«": '"',
  "»": '"',
  "‘": "'",
  "’": "'",
  "‚": "'",
  "–": "-",
  "—": "-",
  "−": "-",
  "…": "...",
  "\u00a0": " ",
  "\u202f": " ",
  "•": "*",
  "×": "x",
  ı: "i",
  ł: "l",
  Ł: "L",
  đ: "d",
  Đ: "D",
  œ: "oe",
  Œ: "OE",
  "™": "(TM)",
  "©": "(C)",
  "®": "(R)",
};

/** A plain spelling of a character, or null when there is none (a Persian letter, an emoji). */
export function plainFor(char: string): string | null {
  const alike = ALIKE[char];
  if (alike !== undefined) return alike;
  const bare = char.normalize("NFKD").replace(/\p{M}/gu, "");
  return bare !== char && bare !== "" && [...bare].every((one) => BASIC.has(one)) ? bare : null;
}

/** The text with every character that has a plain spelling written so. */
export function plainText(text: string): string {
  return [...text.normalize("NFC")]
    .map((char) => (BASIC.has(char) || EXTENSION.has(char) ? char : (plainFor(char) ?? char)))
    .join("");
}
