/**
 * The text with what differs from another in brackets: `system:serviceaccount:[prod]:db`. Where nothing of it differs and
 * something is missing, what is missing stands in the brackets: `prod[uction]`. Undefined for texts that are the same, or
 * have hardly anything in common.
 */
export function markDifference(has: string, want: string): string | undefined {
  if (has === want) return undefined;
  const shorter = Math.min(has.length, want.length);
  let front = 0;
  while (front < shorter && has[front] === want[front]) front++;
  let back = 0;
  while (back < shorter - front && has.at(-1 - back) === want.at(-1 - back)) back++;
  if (front + back < shorter / 3) return undefined;
  const other = has.length - front - back > 0 ? has : want;
  const end = other.length - back;
  return `${other.slice(0, front)}[${other.slice(front, end)}]${other.slice(end)}`;
}
