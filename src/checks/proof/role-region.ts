import type { WebIdentityFacts } from "../../domain/aws-facts.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { finding, type Finding } from "../../domain/finding.ts";
import { editCluster, refOfCluster } from "../../domain/fixes.ts";
import { placeOf } from "../../domain/iam/s3-needs.ts";
import type { Generation } from "../../domain/operator/generation.ts";

/**
 * Buckets that the pods sign another region for than the probe, which asks the bucket where it is. Only the database of
 * generation 3 signs with a role (operator facts, 7.1).
 */
export function wrongRegions(
  cluster: ClusterFacts | undefined,
  webIdentity: WebIdentityFacts | undefined,
  generation: Generation | undefined,
): Finding[] {
  if (cluster === undefined || generation !== 3) return [];
  return (webIdentity?.stores ?? []).flatMap(({ aim, region, bucketRegion, endpoint }) => {
    if (endpoint !== undefined || bucketRegion.state !== "known" || bucketRegion.value === region) return [];
    const want = bucketRegion.value;
    const message = `${placeOf(aim)} (${aim.from}) is in region ${want}, and the pods sign for ${region}: their requests are refused`;
    return finding("s3.region-mismatch", "error", refOfCluster(cluster), message, {
      evidence: [{ label: "region", want, has: region, path: "/spec/config" }],
      fixes: editCluster(cluster, `set "region": "${want}" in the connection of spec.config that the backup names`),
      explainedBy: ["ANT0607"],
    });
  });
}
