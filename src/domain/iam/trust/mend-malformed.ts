import { isRecord } from "../policy-reader.ts";
import { holderOf, valueAt, type Operation } from "./edit-document.ts";
import type { TrustFinding } from "./trust-types.ts";

const RENAMED = /^(a condition has no operator|a statement has no|a policy has no|a principal has no) /;

/**
 * What IAM would refuse, put as it was plainly meant: a misspelt effect, operator or element, a comment, a `Resource`.
 * What only a person can tell is left.
 */
export function mendMalformed(document: unknown, problems: readonly TrustFinding[]): Operation[] {
  return problems.flatMap((problem): Operation[] => {
    const { path, want, fix, message } = problem;
    if (path.endsWith("/Effect") && (want === "Allow" || want === "Deny"))
      return [{ op: "replace", path, value: want }];
    if (path === "/Version" && want !== undefined) return [{ op: "replace", path, value: want }];
    if (RENAMED.test(message) && want !== undefined) return rename(document, path, want);
    if (fix?.startsWith("remove ") === true && valueAt(document, path) !== undefined) return [{ op: "remove", path }];
    return [];
  });
}

function rename(document: unknown, path: string, name: string): Operation[] {
  const holder = holderOf(path);
  const there = valueAt(document, holder);
  if (!isRecord(there) || Object.hasOwn(there, name)) return [];
  return [
    { op: "remove", path },
    { op: "add", path: `${holder}/${name}`, value: valueAt(document, path) },
  ];
}
