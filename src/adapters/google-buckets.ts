import type { Google } from "../ports.ts";
import { flag, needed, ofKind, text, texts, within } from "./google-answer.ts";
import { path, type GoogleConnection } from "./google-connection.ts";
import { POLICY_VERSION, policyIn, policyOut } from "./google-policy.ts";
import { retains } from "./google-retention.ts";

type Calls = Pick<Google, "getBucket" | "getBucketPolicy" | "setBucketPolicy" | "testBucketPermissions">;

const of = (bucket: string): string => path`/storage/v1/b/${bucket}`;

/** Buckets, by Google's JSON API, with the tool's own identity. */
export function bucketCalls({ read, write }: GoogleConnection): Calls {
  return {
    async getBucket(bucket) {
      const action = "storage.buckets.get";
      const query = [["projection", "noAcl"]] as const;
      const answer = ofKind(await read({ api: "STORAGE", action, path: of(bucket), query }), "storage#bucket", action);
      return {
        name: needed(answer, "name", action),
        projectNumber: needed(answer, "projectNumber", action),
        location: text(answer, "location") ?? "",
        retained: retains(answer),
        requesterPays: flag(within(answer, "billing"), "requesterPays"),
        uniformAccess: flag(within(within(answer, "iamConfiguration"), "uniformBucketLevelAccess"), "enabled"),
      };
    },

    async getBucketPolicy(bucket) {
      const action = "storage.buckets.getIamPolicy";
      const query = [["optionsRequestedPolicyVersion", String(POLICY_VERSION)]] as const;
      return policyIn(await read({ api: "STORAGE", action, path: `${of(bucket)}/iam`, query }), action);
    },

    async setBucketPolicy(bucket, policy) {
      const action = "storage.buckets.setIamPolicy";
      const body = policyOut(policy);
      return policyIn(await write({ api: "STORAGE", action, path: `${of(bucket)}/iam`, method: "PUT", body }), action);
    },

    async testBucketPermissions({ bucket, permissions, token }) {
      // Whoever has none of them is told so by an empty list.
      const action = "storage.buckets.testIamPermissions";
      const query = permissions.map((permission) => ["permissions", permission] as const);
      const answer = await read({
        api: "STORAGE",
        action,
        path: `${of(bucket)}/iam/testPermissions`,
        query,
        as: token,
      });
      const granted = texts(ofKind(answer, "storage#testIamPermissionsResponse", action), "permissions");
      return permissions.filter((permission) => granted.includes(permission));
    },
  };
}
