import { liveCloud } from "../bed/live-cloud.ts";
import { liveCluster } from "../bed/live-cluster.ts";
import { awsContract } from "../contract/aws.contract.ts";

/** What versitygw and ministack answer where it is not what AWS does (docs/testing.md). */
awsContract(async () => ({ cloud: await liveCloud(), cluster: await liveCluster() }), {
  untrusted: { code: "InvalidIdentityToken", status: 400 },
  missingKeyUnlisted: { code: "NoSuchKey", status: 404 },
  trust: ["actions in any case"],
  noRoleArn: { code: "AccessDenied", status: 403 },
  managedPolicies: { code: "InvalidAction", status: 400 },
  podPrincipal: { code: "MalformedPolicyDocument", status: 400 },
  encryption: { code: "NotImplemented", status: 501 },
  words: false,
});
