import type { IdentityPolicy, PolicyStatement, PolicyTest } from "./policy-types.ts";
import { isPrefixTest } from "./s3-condition.ts";
import type { Draft } from "./s3-draft.ts";
import { decide, isGranted } from "./s3-grants.ts";
import { folderOf, type Need, type Target } from "./s3-needs.ts";
import { ANYTHING } from "./s3-pattern.ts";

/** The statement would decide otherwise, but for a condition on the keys of a listing. */
export function conditioned(
  policy: IdentityPolicy,
  target: Target,
  need: Need,
  statement: PolicyStatement,
  test: PolicyTest,
): Draft {
  const base = { path: test.path, actions: [need.action], has: test.values.join(", ") };
  if (need.action !== "ListBucket" || !isPrefixTest(test)) {
    return {
      ...base,
      cause: need.cause === "s3.location-perm" ? need.cause : "s3.prefix-condition",
      severity: need.severity,
      say: (names, many) =>
        `${names} ${many ? "bring" : "brings"} no ${test.key}, so this condition keeps ${many ? "them" : "it"} from being allowed`,
      fix: "give s3:ListBucket and its condition a statement of their own",
    };
  }
  const prefix = target.prefix ?? "";
  const nearly = isNearly(policy, target, prefix);
  const verb = statement.effect === "Deny" ? "denies" : "does not allow";
  const but = nearly ? "; it fits with another slash at the end, but the prefix is sent as it is configured" : "";
  return {
    ...base,
    cause: "s3.prefix-condition",
    severity: nearly ? "warning" : "error",
    say: () => `The condition on ${test.key} ${verb} listing with the prefix "${prefix}"${but}`,
    want: `${prefix}*`,
    fix: `use StringLike with ${prefix}*, or change the prefix that is configured`,
  };
}

/** Only the slash at the end is wrong. Runtimes list with the prefix as it stands in the location, slash or not. */
function isNearly(policy: IdentityPolicy, target: Target, prefix: string): boolean {
  const others = [folderOf(prefix), prefix.replace(/\/+$/, ""), `${folderOf(prefix)}${ANYTHING}`];
  return others.some((text) =>
    isGranted(decide(policy, { action: "ListBucket", resource: target.bucket, prefix: { text } })),
  );
}
