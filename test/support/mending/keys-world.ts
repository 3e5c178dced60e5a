import {
  DeleteAccessKeyCommand,
  DeleteUserPolicyCommand,
  ListAccessKeysCommand,
  ListUserPoliciesCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";

import { allReady, antflyCluster, eventually, secret, secretRef } from "../antfly.ts";
import type { TestBed } from "../test-bed.ts";
import type { AwsKey } from "../test-cloud.ts";
import { freshNamespace } from "../test-cluster.ts";
import { AwsWorld, REGION } from "./aws-world.ts";
import { BUCKET, CLUSTER, PREFIX } from "./world.ts";

export const SECRET = "backup-credentials";
export const USER = "backup";

/** What is no fault here: versitygw makes ids of 21 characters, and its buckets belong to no account. */
export const NOT_AS_AWS = [
  "value.truncated: the store makes ids of 21 characters",
  "s3.bucket-taken-elsewhere: the store knows no accounts",
].join("; ");
const NEEDED = ["s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"];

/** A database of generation 2 with the key of an IAM user in a Secret. */
export class KeysWorld extends AwsWorld {
  #key: AwsKey = { id: "", secret: "" };

  static async start(bed: TestBed): Promise<KeysWorld> {
    const namespace = await freshNamespace(bed.cluster, "keys");
    const world = new KeysWorld(bed, namespace);
    await bed.cloud.seed({ buckets: [{ name: BUCKET }], users: [{ name: USER }] });
    await world.mayDo(NEEDED);
    await world.create(secret(namespace, SECRET, valuesOf(await world.newKey())));
    const cluster = antflyCluster(namespace, CLUSTER, [secretRef(SECRET)], 1);
    cluster.metadata.annotations = { "antfly-creds/suppress": NOT_AS_AWS };
    await world.create(cluster);
    await world.createBackup({ credentialsSecret: { name: SECRET } });
    await eventually("two ready pods", async () => allReady(await world.pods(), 2));
    return world;
  }

  /** Gives the user these rights to the bucket and below the prefix, in place of all that it has. */
  async mayDo(actions: readonly string[]): Promise<void> {
    const { PolicyNames = [] } = await this.iam.send(new ListUserPoliciesCommand({ UserName: USER }));
    for (const PolicyName of PolicyNames)
      await this.iam.send(new DeleteUserPolicyCommand({ UserName: USER, PolicyName }));
    const Resource = [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/${PREFIX}/*`];
    const document = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource }] };
    const policy = { PolicyName: "backups", PolicyDocument: JSON.stringify(document) };
    await this.iam.send(new PutUserPolicyCommand({ UserName: USER, ...policy }));
  }

  /** The user's key that is meant to be in the Secret. */
  get key(): AwsKey {
    return this.#key;
  }

  /** Another key of the user, in place of those that it has. */
  async newKey(): Promise<AwsKey> {
    const { AccessKeyMetadata = [] } = await this.iam.send(new ListAccessKeysCommand({ UserName: USER }));
    for (const { AccessKeyId } of AccessKeyMetadata)
      await this.iam.send(new DeleteAccessKeyCommand({ UserName: USER, AccessKeyId }));
    this.#key = await this.cloud.createKey(USER);
    return this.#key;
  }

  /** Changes values of the Secret, and has the pods read them. */
  async holds(values: Readonly<Record<string, string | null>>): Promise<void> {
    const data = Object.entries(values).map(([key, value]) => [
      key,
      value === null ? null : Buffer.from(value).toString("base64"),
    ]);
    await this.merge(this.path("secrets", SECRET), { data: Object.fromEntries(data) });
    await this.replacePods();
  }

  /** The store as the database sees it, with what is in the Secret now. */
  async store(): Promise<S3Client> {
    const { data } = await this.cluster.admin.must("GET", this.path("secrets", SECRET));
    const value = (key: string): string => Buffer.from(data[key] ?? "", "base64").toString();
    const credentials = { accessKeyId: value("AWS_ACCESS_KEY_ID"), secretAccessKey: value("AWS_SECRET_ACCESS_KEY") };
    return new S3Client({ region: value("AWS_REGION"), endpoint: this.cloud.s3, forcePathStyle: true, credentials });
  }
}

/** What a Secret holds where all is well. */
export function valuesOf({ id, secret: value }: AwsKey): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: id,
    AWS_SECRET_ACCESS_KEY: value,
    AWS_REGION: REGION,
    AWS_ENDPOINT_URL: `https://s3.${REGION}.amazonaws.com`,
  };
}
