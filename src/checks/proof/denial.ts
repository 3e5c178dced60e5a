import type { StorageAim } from "../../domain/aws-facts.ts";
import { isDenied, type Refused } from "../../domain/call-outcome.ts";
import { edit, type Fix } from "../../domain/finding.ts";
import { principalOf } from "../../domain/iam/principal.ts";
import { candidatesFor } from "../../domain/why/match.ts";
import { allowFixes, policiesFix } from "./policy-fixes.ts";

/** A request to a store that was refused, and who made it. */
export interface Refusal {
  readonly said: Refused;
  /** `s3:PutObject`. */
  readonly action: string;
  readonly aim: StorageAim;
  /** `ServiceAccount antfly`, `Secret backup-credentials`. */
  readonly holder: string;
  /** ARN of the caller; undefined where the store is not AWS, or did not say. */
  readonly arn: string | undefined;
}

export interface Denial {
  readonly cause: string;
  /** Goes on after a colon. */
  readonly because: string;
  readonly fixes: readonly Fix[];
}

/** Kinds of policy that say no whatever the identity's own allow; AWS names them (failure catalogue, section 3.4). */
const OTHERS = new Set([
  "irsa.boundary-scp-rcp",
  "s3.bucket-policy-deny",
  "s3.kms-denied",
  "s3.object-lock-versioning",
  "s3.vpce-policy",
]);

/**
 * Who says no, and what changes that. `lacking` is the cause where nothing allows the action. Undefined for an answer that
 * is no denial.
 */
export function denialOf({ said, action, aim, arn }: Refusal, lacking: string): Denial | undefined {
  const text = `${said.code} ${action}: ${said.message}`;
  const named = candidatesFor(text).find(({ cause, confidence }) => confidence === "high" && OTHERS.has(cause));
  const who = principalOf(arn)?.shown ?? "the key's owner";
  if (named !== undefined) {
    const look: Fix = /^(aws|kubectl) /.test(named.next)
      ? { kind: "command", text: named.next, safe: true, ...(named.next.startsWith("aws ") ? { to: "aws" } : {}) }
      : edit(named.next);
    const key = /\barn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+/.exec(said.message)?.[0];
    const allow = named.cause === "s3.kms-denied" && key !== undefined ? allowFixes(aim, arn, key) : [];
    return {
      cause: named.cause,
      because: lowered(named.because),
      fixes: [...past(named.cause, who, aim), look, ...allow],
    };
  }
  if (!isDenied(said)) return undefined;
  if (/explicit deny in an identity-based policy/i.test(said.message)) {
    const because = `a Deny in a policy of ${who} matches ${action}`;
    return { cause: "s3.explicit-deny", because, fixes: policiesFix(arn) };
  }
  const told = /no identity-based policy/i.test(said.message);
  const because = told
    ? `no policy of ${who} allows ${action} there`
    : `${action} is denied, and the store does not say by which policy`;
  return { cause: lacking, because, fixes: allowFixes(aim, arn) };
}

/** What is to be changed in what the next command shows. */
function past(cause: string, who: string, { bucket }: StorageAim): Fix[] {
  if (cause !== "s3.bucket-policy-deny") return [];
  return [edit(`except ${who} from the Deny in the policy of bucket ${bucket}, or take the Deny out; to see it:`)];
}

/** A sentence of its own, made the end of another. */
function lowered(sentence: string): string {
  return sentence.replace(/^(A|An|The|User|Role|Bucket|If|No) /, (word) => word.toLowerCase()).replace(/\.$/, "");
}
