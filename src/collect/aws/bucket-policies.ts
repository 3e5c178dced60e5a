import { GET_BUCKET_POLICY } from "../../domain/aws-grants.ts";
import type { BucketPolicyText } from "../../domain/iam/bucket-policy.ts";
import { missingRights } from "../../domain/iam/role-policies.ts";
import { known, valueOf } from "../../domain/known.ts";
import { AwsError, type Aws } from "../../ports.ts";
import { defineCollector } from "../collector.ts";
import { askAws, originOf } from "./ask-aws.ts";

const REF = "the policies of the buckets";

/** Where the role's own policies suffice, nobody asks for the bucket's. */
export const bucketPoliciesCollector = defineCollector({
  gives: "bucketPolicies",
  needs: ["aims"],
  wants: ["irsaPolicies", "podIdentityPolicies"],
  collect: async ({ aims }, world, { irsaPolicies, podIdentityPolicies }) => {
    const all = [irsaPolicies, podIdentityPolicies].flatMap((fact) => (fact && valueOf(fact)) ?? []);
    const isKnown = irsaPolicies?.state === "known" || podIdentityPolicies?.state === "known";
    const lacking = isKnown ? aims.filter((aim) => missingRights(all, aim, aim.writes).length > 0) : [];
    const buckets = [...new Set(lacking.map(({ bucket }) => bucket))];
    if (buckets.length === 0) return known({}, originOf(REF));
    return askAws(world, REF, GET_BUCKET_POLICY, async (aws) => {
      const entries = await Promise.all(buckets.map(async (bucket) => [bucket, await policyOf(aws, bucket)] as const));
      return known(Object.fromEntries(entries), originOf(REF));
    });
  },
});

/** One that cannot be read leaves it open what it allows. */
async function policyOf(aws: Aws, bucket: string): Promise<BucketPolicyText> {
  try {
    const text = await aws.bucketPolicy(bucket);
    return text === undefined ? "none" : { text };
  } catch (error) {
    if (error instanceof AwsError) return { text: undefined };
    throw error;
  }
}
