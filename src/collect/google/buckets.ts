import type { GoogleBucketFacts } from "../../domain/google-facts.ts";
import { GET_BUCKET, GET_GOOGLE_BUCKET_POLICY } from "../../domain/google-grants.ts";
import { known, type Known } from "../../domain/known.ts";
import type { Google, GoogleBucket } from "../../ports.ts";
import { defineCollector } from "../collector.ts";
import { askGoogle, ofGoogle, toKnownGoogle } from "./ask-google.ts";
import { projectPolicy } from "./project-policy.ts";

const REF = "the buckets of Google Cloud Storage";

export const googleBucketsCollector = defineCollector({
  gives: "googleBuckets",
  needs: ["googleAims"],
  collect: async ({ googleAims }, world) => {
    const buckets = [...new Set(googleAims.map(({ bucket }) => bucket))];
    if (buckets.length === 0) return known([], ofGoogle(REF));
    return askGoogle(world, REF, undefined, async (google) => {
      const found = await Promise.all(buckets.map((bucket) => readGoogleBucket(google, bucket)));
      return known(
        found.filter((one) => one !== undefined),
        ofGoogle(REF),
      );
    });
  },
});

/** Who may do what in a bucket; undefined where Google has none of that name. */
export async function readGoogleBucket(google: Google, bucket: string): Promise<GoogleBucketFacts | undefined> {
  const ref = `bucket ${bucket}`;
  const policyRef = `the policy of ${ref}`;
  const [settings, policy] = await Promise.all([
    toKnownGoogle(ref, GET_BUCKET, async () => known(await google.getBucket(bucket), ofGoogle(ref))),
    toKnownGoogle(policyRef, GET_GOOGLE_BUCKET_POLICY, async () =>
      known(await google.getBucketPolicy(bucket), ofGoogle(policyRef)),
    ),
  ]);
  if (settings.state === "absent" || policy.state === "absent") return undefined;
  return {
    bucket,
    project: settings.state === "known" ? settings.value.projectNumber : undefined,
    policy,
    projectPolicy: settings.state === "known" ? await projectPolicy(google, settings.value.projectNumber) : settings,
    requesterPays: asksForPayer(settings) ?? setting(settings, ({ requesterPays }) => requesterPays),
    uniformAccess: setting(settings, ({ uniformAccess }) => uniformAccess),
  };
}

/** Who names no project that pays is told so, and nothing else. */
function asksForPayer(settings: Known<GoogleBucket>): Known<boolean> | undefined {
  const told = settings.state === "unknown" && /requester pays bucket/i.test(settings.detail);
  return told ? known(true, settings.origin) : undefined;
}

function setting(
  settings: Exclude<Known<GoogleBucket>, { state: "absent" }>,
  which: (bucket: GoogleBucket) => boolean,
): Known<boolean> {
  return settings.state === "known" ? known(which(settings.value), settings.origin) : settings;
}
