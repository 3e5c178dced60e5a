import type { StepOf } from "../domain/plan.ts";
import { assertNotGiven, findGiven, give, takeBack, type PolicyPlace } from "./google-policy.ts";
import { googleOf, type StepHandler, type Workshop } from "./handler.ts";

export const bindBucket: StepHandler<"google.bucket.bind"> = {
  preview: (step, shop) => assertNotGiven(policyOf(step, shop), step.with),
  previewAgain: true,
  apply: (step, shop) => give(policyOf(step, shop), step.with, shop),
  find: (step, shop) => findGiven(policyOf(step, shop), step.with, shop),
  undo: (step, { made }, shop) => takeBack(policyOf(step, shop), step.with, made, shop),
};

function policyOf({ with: { bucket } }: StepOf<"google.bucket.bind">, shop: Workshop): PolicyPlace {
  const google = googleOf(shop);
  return {
    what: `the policy of bucket ${bucket}`,
    read: () => google.getBucketPolicy(bucket),
    write: (policy) => google.setBucketPolicy(bucket, policy),
  };
}
