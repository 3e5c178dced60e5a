import { editDistance } from "../text.ts";

/** `antfly-a` beside `antfly-b`, `prod` beside `prod2`: names that people give to several things of a kind. */
function areSiblings(a: string, b: string): boolean {
  if (a.replace(/\d/g, "") === b.replace(/\d/g, "")) return true;
  const stem = (text: string): string => text.replace(/[-.][a-z0-9]{1,2}$/, "");
  return stem(a) === stem(b) || a.startsWith(`${b}-`) || b.startsWith(`${a}-`);
}

/** The one is most likely a slip of the pen for the other, and no name of something else. */
export function isSlip(has: string, wanted: string): boolean {
  if (has === wanted) return false;
  if (has.toLowerCase() === wanted.toLowerCase()) return true;
  if (Math.min(has.length, wanted.length) < 4 || areSiblings(has, wanted)) return false;
  return editDistance(has, wanted) <= Math.min(2, Math.floor(wanted.length / 3));
}
