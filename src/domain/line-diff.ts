/**
 * Two texts as lines with `-` and `+`, and with blanks what stands around the change. It is one stretch from the first
 * line that differs to the last: what we change in a document is in one place.
 */
export function lineDiff(before: string, after: string, around = 2): string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const most = Math.min(old.length, now.length);
  let start = 0;
  while (start < most && old[start] === now[start]) start++;
  let end = 0;
  while (end < most - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end++;
  const context = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
  return [
    ...context(old.slice(Math.max(0, start - around), start)),
    ...old.slice(start, old.length - end).map((line) => `- ${line}`),
    ...now.slice(start, now.length - end).map((line) => `+ ${line}`),
    ...context(old.slice(old.length - end, old.length - end + around)),
  ];
}
