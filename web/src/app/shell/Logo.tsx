/** The mark: an R whose leg is a line of talk. Never mirrored. */
export function Logo({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden focusable="false">
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <path
        d="M9.5 23V11.5A2 2 0 0 1 11.5 9.5h6.7a4.7 4.7 0 0 1 1.2 9.25L22.5 23M9.5 18.8h9"
        fill="none"
        stroke="var(--on-accent)"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
