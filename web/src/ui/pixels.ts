/** Pixels of a length in rem: what is measured in a script grows with the text as well. */
export function pixels(rem: number): number {
  return rem * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}
