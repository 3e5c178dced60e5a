import type { RoleFacts } from "../aws-facts.ts";
import { isRecord } from "./policy-reader.ts";

/** The policy of a bucket as JSON text, undefined where it could not be read; `none`: the bucket has no policy. */
export type BucketPolicyText = { readonly text: string | undefined } | "none";

/**
 * Whether a bucket's policy may give a role something by itself. It can in the bucket's own account where it names the
 * role or everybody; one that names the account leaves it to the role's own policies.
 */
export function mayAllow(policy: BucketPolicyText, role: RoleFacts): "no" | "maybe" {
  if (policy === "none") return "no";
  if (policy.text === undefined) return "maybe";
  let document: unknown;
  try {
    document = JSON.parse(policy.text);
  } catch {
    return "maybe";
  }
  const statement = isRecord(document) ? document["Statement"] : undefined;
  const statements: unknown[] = Array.isArray(statement) ? statement : [statement];
  return statements.some((one) => isRecord(one) && one["Effect"] === "Allow" && names(one, role)) ? "maybe" : "no";
}

/** An account, `arn:…:root` or its number, is no grant by itself. */
function names(statement: Record<string, unknown>, { arn, name }: RoleFacts): boolean {
  if (statement["NotPrincipal"] !== undefined) return true;
  const principal = statement["Principal"];
  const named: unknown = isRecord(principal) ? principal["AWS"] : principal;
  const all: unknown[] = Array.isArray(named) ? named : [named];
  return all.some(
    (one) => one === "*" || one === arn || (typeof one === "string" && one.includes(`:assumed-role/${name}/`)),
  );
}
