import type { AnyObject } from "../follow.ts";

/** `shouldProcessSecret`, by names and patterns. */
export function admits(conditions: readonly AnyObject[] | undefined, namespace: string): boolean {
  if (conditions === undefined || conditions.length === 0) return true;
  return conditions.some(
    ({ namespaces = [], namespaceRegexes = [] }) =>
      namespaces.includes(namespace) || namespaceRegexes.some((regex: string) => new RegExp(regex).test(namespace)),
  );
}
