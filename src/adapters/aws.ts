import type { Aws, AwsSelection } from "../ports.ts";
import { connectionOf } from "./aws-connection.ts";
import type { AwsSurroundings } from "./aws-transport.ts";
import { loaded, once } from "./loaded.ts";

/**
 * The AWS port over the SDK's clients. Each service's client is loaded when it is first asked something; credentials are
 * looked for when a call needs some.
 */
export async function connectAws(selection: AwsSelection, surroundings: AwsSurroundings): Promise<Aws> {
  const connection = await connectionOf(selection, surroundings);
  const { transport, region, notes } = connection;
  const sts = once(async () => (await import("./aws-sts.ts")).stsCalls(connection));
  const reads = once(async () => (await import("./aws-iam.ts")).iamReads(connection));
  const writes = once(async () => (await import("./aws-iam-writes.ts")).iamWrites(connection));
  const eks = once(async () => (await import("./aws-eks.ts")).eksCalls(connection));
  const buckets = once(async () => (await import("./aws-bucket-policy.ts")).bucketPolicyCalls(connection));
  const s3 = once(() => import("./aws-store.ts"));
  return {
    flags: flagsOf(selection),
    region,
    notes,
    calls: () => transport.calls,
    ...loaded(sts, ["callerIdentity", "assumeRoleWithWebIdentity", "accessKeyAccount"]),
    ...loaded(reads, ["getRole", "listRolePolicies", "getRolePolicy", "listAttachedRolePolicies", "getManagedPolicy"]),
    ...loaded(reads, ["listUserPolicies", "getUserPolicy", "listAttachedUserPolicies"]),
    ...loaded(reads, ["getOidcProvider", "listOidcProviders", "accessKeyUser", "listAccessKeys"]),
    ...loaded(writes, ["createOidcProvider", "deleteOidcProvider", "addClientId", "removeClientId"]),
    ...loaded(writes, ["createRole", "deleteRole", "updateTrustPolicy", "putRolePolicy", "deleteRolePolicy"]),
    ...loaded(eks, ["describeCluster", "listClusters", "describeAddOn", "listPodIdentityAssociations"]),
    ...loaded(eks, ["describePodIdentityAssociation", "createPodIdentityAssociation", "deletePodIdentityAssociation"]),
    ...loaded(buckets, ["bucketPolicy"]),
    objectStore: (options) => {
      const store = once(async () => (await s3()).objectStore(options, connection));
      return loaded(store, ["bucketRegion", "list", "get", "put", "delete", "versioning", "encryption", "objectLock"]);
    },
    shielded: (work) => transport.shielded(work),
    close: () => transport.close(),
  };
}

function flagsOf({ profile, region }: AwsSelection): string[] {
  return [
    ...(profile === undefined ? [] : ["--profile", profile]),
    ...(region === undefined ? [] : ["--region", region]),
  ];
}
