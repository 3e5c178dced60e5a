/**
 * The text with what differs from another in brackets: `system:serviceaccount:[prod]:db`. Where nothing of it differs and
 * something is missing, what is missing stands in the brackets: `prod[uction]`. What cannot be seen, or looks like
 * something else, is written as `U+200B`. Undefined for texts that are the same, or have hardly anything in common.
 */
export function markDifference(has: string, want: string): string | undefined {
  if (has === want) return undefined;
  const [a, b] = [Array.from(has), Array.from(want)];
  const shorter = Math.min(a.length, b.length);
  let front = 0;
  while (front < shorter && a[front] === b[front]) front++;
  let back = 0;
  while (back < shorter - front && a.at(-1 - back) === b.at(-1 - back)) back++;
  if (front + back < shorter / 3) return undefined;
  const other = a.length - front - back > 0 ? a : b;
  const end = other.length - back;
  const differs = other.slice(front, end).map(visible).join("");
  return `${other.slice(0, front).join("")}[${differs}]${other.slice(end).join("")}`;
}

/** A character that is no printable one of ASCII by its number. */
function visible(character: string): string {
  if (/^[ -~]$/.test(character)) return character;
  return codePoint(character);
}

/** `U+00A0` */
export function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
