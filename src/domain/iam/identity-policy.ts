import { nearest } from "../text.ts";
import { isRecord, Malformed, pointer } from "./policy-reader.ts";
import { readStatement } from "./policy-statement.ts";
import type { IdentityPolicy } from "./policy-types.ts";

const KEYS = ["Version", "Id", "Statement"] as const;

/**
 * Ten thousand characters are the most that a user may write (IAM quotas); AWS's own policies reach 150,000. What is
 * longer is something else, and is not worth our time.
 */
const LONGEST = 200_000;

/** Reads an identity policy by the grammar of the IAM policy language (IAM User Guide, "Grammar of the JSON policy language"). */
export function parseIdentityPolicy(
  value: unknown,
): { readonly policy: IdentityPolicy } | { readonly problem: string; readonly path: string } {
  try {
    return { policy: readPolicy(value) };
  } catch (error) {
    if (error instanceof Malformed) return { problem: error.message, path: error.path };
    throw error;
  }
}

function readPolicy(value: unknown): IdentityPolicy {
  if (!isRecord(value)) throw new Malformed("", "a policy is a JSON object with Version and Statement");
  for (const key of Object.keys(value)) {
    if ((KEYS as readonly string[]).includes(key)) continue;
    const meant = nearest(key, KEYS);
    throw new Malformed(
      pointer("", key),
      `a policy has no ${key}${meant === undefined ? "" : `; did you mean ${meant}?`}`,
    );
  }
  const version = value["Version"] ?? "2008-10-17";
  if (!isVersion(version)) throw new Malformed("/Version", "Version is 2012-10-17, or 2008-10-17 in old policies");
  const statement = value["Statement"];
  if (statement === undefined) throw new Malformed("", "the policy has no Statement");
  const statements = Array.isArray(statement)
    ? statement.map((one: unknown, i) => readStatement(one, `/Statement/${i}`))
    : [readStatement(statement, "/Statement")];
  if (statements.length === 0) throw new Malformed("/Statement", "the policy has no statement");
  const policy = { version, statements };
  if (sizeOf(policy) > LONGEST) throw new Malformed("/Statement", "the policy is longer than any that AWS takes");
  return policy;
}

function isVersion(version: unknown): version is IdentityPolicy["version"] {
  return version === "2012-10-17" || version === "2008-10-17";
}

/** How many characters it takes to write the policy down, at least. */
function sizeOf(policy: IdentityPolicy): number {
  const listed = (texts: readonly string[]): number => texts.reduce((size, text) => size + text.length + 2, 2);
  return policy.statements
    .map(
      ({ actions, resources, tests }) =>
        `{"Effect":"Deny","Action":,"Resource":}`.length +
        listed(actions.items.map(({ text }) => text)) +
        listed(resources.items.map(({ text }) => text)) +
        tests.reduce((size, test) => size + listed([test.key, ...test.values]), 0),
    )
    .reduce((size, one) => size + one, 0);
}
