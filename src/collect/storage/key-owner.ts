import type { StaticKeyFacts } from "../../domain/aws-facts.ts";
import { known } from "../../domain/known.ts";
import type { Sensitive } from "../../domain/sensitive.ts";
import { AwsError, type Aws } from "../../ports.ts";
import { toKnownAws } from "../aws/ask-aws.ts";

const LAST_USED = { action: "iam:GetAccessKeyLastUsed", resource: "*", optional: true };
const LIST_KEYS = { action: "iam:ListAccessKeys", resource: "*", optional: true };

/**
 * Whose key it is, whether it is active, and how old: asked of IAM with the tool's own identity, which has to be of the same
 * account. Absent where IAM knows no such key.
 */
export function keyOwner(aws: Aws, id: Sensitive, shown: string): Promise<StaticKeyFacts["key"]> {
  const ref = `access key ${shown}`;
  return toKnownAws(ref, LAST_USED, async () => {
    const { user, lastUsedAt } = await aws.accessKeyUser(id);
    const whole = Buffer.from(id.reveal()).toString("utf8");
    return toKnownAws(ref, LIST_KEYS, async () => {
      const key = (await aws.listAccessKeys(user)).find((one) => one.id === whole);
      if (key === undefined) return { state: "absent", origin: { via: "aws", ref } };
      const { status, createdAt } = key;
      return known({ user, status, createdAt, lastUsedAt }, { via: "aws", ref });
    });
  });
}

/** The account of a key, whatever state it is in; undefined where AWS does not tell. */
export async function keyAccount(aws: Aws, id: Sensitive): Promise<string | undefined> {
  try {
    return await aws.accessKeyAccount(id);
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}
