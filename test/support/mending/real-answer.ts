import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";

import { ACCOUNT, ROLE_ANNOTATION, type IdentityWorld } from "./identity-world.ts";
import { REGION } from "./aws-world.ts";
import { BUCKET, PREFIX } from "./world.ts";

export interface RealAnswer {
  /** STS gives the ServiceAccount's token the role that its annotation names. */
  readonly trusted: boolean;
  /** Actions that S3 refuses to the session; undefined without one. */
  readonly refused: readonly string[] | undefined;
}

/** What the servers themselves decide for the database's identity, asked by the SDK alone. */
export async function realAnswer(world: IdentityWorld): Promise<RealAnswer | undefined> {
  const { cluster, cloud } = world;
  const { status, body } = await cluster.admin.get(world.path("serviceaccounts", ACCOUNT));
  const { [ROLE_ANNOTATION]: role, "eks.amazonaws.com/audience": audience = "sts.amazonaws.com" } =
    body.metadata?.annotations ?? {};
  if (status !== 200 || !/^arn:aws:iam::\d{12}:role\//.test(role ?? "")) return undefined;
  const minted = await cluster.admin.must("POST", `${world.path("serviceaccounts", ACCOUNT)}/token`, {
    body: {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { audiences: [audience], expirationSeconds: 600 },
    },
  });
  const credentials = { accessKeyId: "none", secretAccessKey: "none" };
  const sts = new STSClient({ region: REGION, endpoint: cloud.env["AWS_ENDPOINT_URL_STS"] ?? "", credentials });
  const asked = new AssumeRoleWithWebIdentityCommand({
    RoleArn: role,
    RoleSessionName: "test",
    WebIdentityToken: minted.status.token,
  });
  try {
    const { Credentials: given } = await sts.send(asked);
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = given ?? {};
    const session = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    const s3 = new S3Client({ region: REGION, endpoint: cloud.s3, forcePathStyle: true, credentials: session });
    const refused = await refusedOf(s3);
    s3.destroy();
    return { trusted: true, refused };
  } catch (error) {
    if (!(error instanceof Error) || !/^(InvalidIdentityToken|AccessDenied|Malformed|Validation)/.test(error.name))
      throw error;
    return { trusted: false, refused: undefined };
  } finally {
    sts.destroy();
  }
}

/** Actions that a backup needs and that S3 refuses; all of them where it does not take the key at all. */
export async function refusedOf(s3: S3Client): Promise<string[]> {
  const object = { Bucket: BUCKET, Key: `${PREFIX}/asked-by-a-test` };
  const calls = {
    "s3:PutObject": () => s3.send(new PutObjectCommand({ ...object, Body: "proof" })),
    "s3:GetObject": () => s3.send(new GetObjectCommand(object)),
    "s3:ListBucket": () => s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `${PREFIX}/` })),
    "s3:DeleteObject": () => s3.send(new DeleteObjectCommand(object)),
  };
  const refused: string[] = [];
  for (const [action, call] of Object.entries(calls)) {
    await call().catch((error: unknown) => {
      if (
        error instanceof Error &&
        /^(AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|AuthorizationHeaderMalformed|NoSuchBucket)$/.test(
          error.name,
        )
      )
        refused.push(action);
      else if (!(error instanceof Error && error.name === "NoSuchKey")) throw error;
    });
  }
  return refused;
}
