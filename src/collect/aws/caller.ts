import type { AwsCaller } from "../../domain/aws-facts.ts";
import { known } from "../../domain/known.ts";
import { AwsError, type Aws } from "../../ports.ts";
import { defineCollector } from "../collector.ts";
import { askAws, originOf } from "./ask-aws.ts";

const REF = "the tool's own identity on AWS";

export const awsCallerCollector = defineCollector({
  gives: "awsCaller",
  needs: [],
  collect: (_, world) => askAws(world, REF, undefined, async (aws) => known(await caller(aws), originOf(REF))),
});

const CALLERS = new WeakMap<Aws, Promise<AwsCaller>>();

/**
 * Who the tool itself is, asked once a client.
 * @throws AwsError
 */
function caller(aws: Aws): Promise<AwsCaller> {
  const asked = CALLERS.get(aws) ?? ask(aws);
  CALLERS.set(aws, asked);
  return asked;
}

async function ask(aws: Aws): Promise<AwsCaller> {
  const { account, arn } = await aws.callerIdentity();
  return { account, arn, partition: arn.split(":")[1] ?? "aws" };
}

/**
 * IAM answers for the caller's own account alone, and says of what is in another one that it is not there, or denied: why
 * `what` in `account` cannot be told with this identity. Undefined where it is of that account, or could not be asked.
 */
export async function inAnotherAccount(aws: Aws, account: string, what: string): Promise<string | undefined> {
  try {
    const own = await caller(aws);
    if (own.account === account) return undefined;
    return `${what} is in account ${account}, and IAM answers ${own.arn} for account ${own.account} alone: run it with --profile of an identity in ${account}`;
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}
