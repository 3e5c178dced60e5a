import { DeleteAccessKeyCommand } from "@aws-sdk/client-iam";
import { DeleteBucketCommand, DeleteBucketPolicyCommand, PutBucketPolicyCommand } from "@aws-sdk/client-s3";

import type { Answers } from "../person.ts";
import type { Fault } from "./fault.ts";
import { USER, type KeysWorld } from "./keys-world.ts";
import { REGION } from "./aws-world.ts";
import { BACKUP, BUCKET } from "./world.ts";

/** What is wrong with a static key, with where it is used, or with what it may do. */
export const KEY_FAULTS: readonly Fault<KeysWorld>[] = [
  {
    name: "the region of another bucket",
    breaks: (world) =>
      world.holds({ AWS_REGION: "eu-central-1", AWS_ENDPOINT_URL: "https://s3.eu-central-1.amazonaws.com" }),
    finds: "ANT0607 s3.region-mismatch",
  },
  {
    name: "an inactive key",
    breaks: (world) => world.cloud.deactivateKey(USER, world.key.id),
    finds: "ANT0606 aws.key-inactive",
    byHand: { "if it was deactivated on purpose": async () => {} },
    answers: typesTheKey,
  },
  {
    name: "a deleted key",
    breaks: (world) => world.iam.send(new DeleteAccessKeyCommand({ UserName: USER, AccessKeyId: world.key.id })),
    finds: "ANT0606 aws.key-unknown",
    answers: async (world) => {
      await world.newKey();
      return typesTheKey(world);
    },
  },
  {
    name: "the secret of another key",
    breaks: async (world) => world.holds({ AWS_SECRET_ACCESS_KEY: (await world.cloud.createKey(USER)).secret }),
    finds: "ANT0606 aws.secret-wrong",
    answers: typesTheKey,
  },
  {
    name: "a line break after the secret",
    breaks: (world) => world.holds({ AWS_SECRET_ACCESS_KEY: `${world.key.secret}\n` }),
    finds: "ANT0203 value.trailing-newline",
    answers: typesTheKey,
  },
  {
    name: "a temporary key without its token",
    breaks: (world) => world.holds({ AWS_ACCESS_KEY_ID: `ASIA${world.key.id.slice(4)}` }),
    finds: "ANT0212 aws.asia-without-token",
    answers: typesTheKey,
  },
  {
    name: "a key that may not list",
    breaks: (world) => world.mayDo(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]),
    finds: "ANT0608 s3.no-listbucket",
  },
  {
    name: "a key that may read alone",
    breaks: (world) => world.mayDo(["s3:ListBucket", "s3:GetObject"]),
    finds: "ANT0602 s3.action-missing",
  },
  {
    name: "no such bucket",
    breaks: (world) => world.s3.send(new DeleteBucketCommand({ Bucket: BUCKET })),
    finds: "ANT0607 s3.nosuchbucket",
    byHand: {
      [`correct the name in AntflyBackup ${BACKUP}, or make the bucket`]: (world) =>
        world.cloud.seed({ buckets: [{ name: BUCKET }] }),
    },
  },
  {
    name: "the bucket in the endpoint",
    breaks: (world) => world.holds({ AWS_ENDPOINT_URL: `https://${BUCKET}.s3.${REGION}.amazonaws.com` }),
    finds: "ANT0204 s3.endpoint-has-bucket",
    answers: typesTheKey,
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
              { Effect: "Deny", Principal: "*", Action: "s3:PutObject", Resource: `arn:aws:s3:::${BUCKET}/*` },
            ],
          }),
        }),
      ),
    finds: "ANT0602 s3.bucket-policy-deny",
    byHand: { "except user": (world) => world.s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET })) },
  },
];

/** What `init secret` asks for. */
async function typesTheKey({ key }: KeysWorld): Promise<Answers> {
  return {
    "AWS_ACCESS_KEY_ID (not shown)": `${key.id}\r`,
    "AWS_SECRET_ACCESS_KEY (not shown)": `${key.secret}\r`,
    "Region of the bucket": "\r",
  };
}
