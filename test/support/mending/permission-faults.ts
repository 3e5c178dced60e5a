import { DeleteBucketCommand, PutBucketPolicyCommand, DeleteBucketPolicyCommand } from "@aws-sdk/client-s3";

import type { AnyObject } from "../follow.ts";
import type { Fault } from "./fault.ts";
import type { IdentityWorld } from "./identity-world.ts";
import { BACKUP, BUCKET, PREFIX } from "./world.ts";

/** What is wrong with what the role may do, or with its bucket. */
export const PERMISSION_FAULTS: readonly Fault<IdentityWorld>[] = [
  {
    name: "a role without any policy",
    breaks: (world) => world.allows(),
    finds: "ANT0310 irsa.role-no-permissions",
    after: putBack,
  },
  {
    name: "a role that may list alone",
    breaks: (world) => world.allows(policyOf(world, (statement) => statement.Action.includes("s3:ListBucket"))),
    finds: "ANT0310 irsa.role-no-permissions",
    after: putBack,
  },
  {
    name: "a role that may not list",
    breaks: (world) => world.allows(policyOf(world, (statement) => !statement.Action.includes("s3:ListBucket"))),
    finds: "ANT0310 irsa.role-no-permissions",
    after: putBack,
  },
  {
    name: "a policy for another bucket",
    breaks: (world) =>
      world.allows(JSON.parse(JSON.stringify(world.proven.policy.document).replaceAll(BUCKET, "acme-backup"))),
    finds: "ANT0310 irsa.role-no-permissions",
    after: putBack,
  },
  {
    name: "a policy for another prefix",
    breaks: (world) =>
      world.allows(JSON.parse(JSON.stringify(world.proven.policy.document).replaceAll(`/${PREFIX}/`, "/staging/"))),
    finds: "ANT0310 irsa.role-no-permissions",
    after: putBack,
  },
  {
    name: "a Deny in the role's own policy",
    breaks: (world) => {
      const { document } = world.proven.policy;
      const deny = { Effect: "Deny", Action: "s3:PutObject", Resource: `arn:aws:s3:::${BUCKET}/*` };
      return world.allows({ ...document, Statement: [...document.Statement, deny] });
    },
    finds: "ANT0310 irsa.role-no-permissions",
    byHand: { policy: putBack },
  },
  {
    name: "bucket missing",
    breaks: (world) => world.s3.send(new DeleteBucketCommand({ Bucket: BUCKET })),
    finds: "ANT0602 s3.nosuchbucket",
    byHand: {
      [`correct the bucket in AntflyBackup ${BACKUP}, or make it`]: (world) =>
        world.cloud.seed({ buckets: [{ name: BUCKET }] }),
    },
  },
  {
    name: "a Deny in the bucket's policy",
    breaks: (world) =>
      world.s3.send(
        new PutBucketPolicyCommand({
          Bucket: BUCKET,
          Policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [
              {
                Sid: "Freeze",
                Effect: "Deny",
                Principal: "*",
                Action: "s3:PutObject",
                Resource: `arn:aws:s3:::${BUCKET}/*`,
              },
            ],
          }),
        }),
      ),
    finds: "ANT0602 s3.bucket-policy-deny",
    byHand: { "except role": (world) => world.s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET })) },
  },
];

function policyOf({ proven }: IdentityWorld, keep: (statement: AnyObject) => boolean): object {
  const { document } = proven.policy;
  return { ...document, Statement: document.Statement.filter(keep) };
}

/** The fix gives the role a policy beside its own, which is put back. */
function putBack(world: IdentityWorld): Promise<void> {
  return world.restorePolicies();
}
