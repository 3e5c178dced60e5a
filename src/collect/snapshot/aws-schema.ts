import * as z from "zod/mini";

import { fact, flag, maybe, number, text, texts } from "./fact-schema.ts";

z.config({ jitless: true });

/* The shapes of `src/domain/aws-facts.ts`. */
const caller = z.object({ account: text, arn: text, partition: text });
export const issuer = z.object({ url: text, source: z.enum(["token", "discovery", "eks"]) });
export const outcome = z.discriminatedUnion("state", [
  z.object({ state: z.literal("ok"), detail: maybe(text) }),
  z.object({ state: z.literal("refused"), code: text, status: maybe(number), message: text }),
  z.object({ state: z.literal("failed"), why: text, network: maybe(text) }),
  z.object({ state: z.literal("not-tried"), why: text }),
]);
export const aim = z.object({
  scheme: maybe(z.literal("gs")),
  bucket: text,
  prefix: text,
  from: text,
  writes: flag,
  identity: z.enum(["usual", "role", "own-keys"]),
  endpoint: maybe(text),
  region: maybe(text),
});
export const role = z.object({
  arn: text,
  name: text,
  account: text,
  partition: text,
  trustPolicy: text,
  maxSessionSeconds: number,
  boundary: maybe(text),
});
const policies = z.array(
  z.object({
    kind: z.enum(["inline", "managed", "boundary"]),
    name: text,
    arn: maybe(text),
    document: z.unknown(),
  }),
);
const association = z.object({
  id: text,
  namespace: text,
  serviceAccount: text,
  roleArn: text,
  targetRoleArn: maybe(text),
  sessionTagsDisabled: flag,
  createdAt: maybe(text),
});
const store = z.object({
  aim,
  endpoint: maybe(text),
  region: text,
  outOfReach: maybe(text),
  bucketRegion: fact(text),
  list: outcome,
  listAll: outcome,
  speaksTls: maybe(flag),
  foreign: maybe(flag),
  read: outcome,
  versioning: fact(z.enum(["Enabled", "Suspended", "off"])),
  encryption: fact(z.object({ algorithm: text, key: maybe(text) })),
  objectLock: fact(flag),
});

export const awsFactShapes = {
  awsCaller: maybe(fact(caller)),
  issuer: maybe(fact(issuer)),
  irsaRole: maybe(fact(role)),
  irsaPolicies: maybe(fact(policies)),
  bucketPolicies: maybe(fact(z.record(text, z.union([z.object({ text: maybe(text) }), z.literal("none")])))),
  oidcProvider: maybe(fact(z.object({ arn: text, url: text, clientIds: texts, thumbprints: texts }))),
  oidcProviders: maybe(fact(z.object({ account: text, clusterAccount: maybe(text), arns: texts }))),
  podIdentity: maybe(
    fact(
      z.object({
        cluster: z.object({
          name: text,
          arn: text,
          account: text,
          region: text,
          issuer: maybe(text),
          autoMode: maybe(flag),
          encryptionKey: maybe(text),
        }),
        association: maybe(association),
        near: maybe(association),
        others: z.array(z.object({ namespace: text, serviceAccount: text })),
        addOn: fact(z.object({ status: text })),
      }),
    ),
  ),
  podIdentityRole: maybe(fact(role)),
  podIdentityPolicies: maybe(fact(policies)),
  podIdentityAgent: maybe(fact(z.object({ installed: flag, desired: number, ready: number }))),
  identityWebhook: maybe(fact(z.object({ names: texts, failurePolicy: maybe(text) }))),
  aims: maybe(fact(z.array(aim))),
  staticKeys: maybe(
    fact(
      z.array(
        z.object({
          source: text,
          secret: maybe(text),
          idKey: maybe(text),
          users: texts,
          misshapen: texts,
          keyId: text,
          provider: z.enum(["aws", "gcs", "s3-compatible"]),
          endpoint: maybe(text),
          region: text,
          regionFrom: z.enum(["AWS_REGION", "default"]),
          identity: outcome,
          caller: maybe(caller),
          account: maybe(text),
          otherPartition: maybe(text),
          key: fact(
            z.object({
              user: text,
              status: z.enum(["Active", "Inactive"]),
              createdAt: maybe(text),
              lastUsedAt: maybe(text),
            }),
          ),
          stores: z.array(store),
        }),
      ),
    ),
  ),
  userPolicies: maybe(fact(z.array(z.object({ arn: text, name: text, policies })))),
  webIdentity: maybe(
    fact(
      z.object({
        serviceAccount: text,
        roleArn: text,
        audience: text,
        token: z.object({ issuer: text, subject: text, audiences: texts }),
        assumed: outcome,
        assumedArn: maybe(text),
        stores: z.array(store),
      }),
    ),
  ),
  probes: maybe(
    fact(
      z.array(
        z.object({
          identity: z.enum(["role", "key", "google"]),
          holder: text,
          arn: maybe(text),
          aim,
          key: text,
          write: outcome,
          read: outcome,
          list: outcome,
          remove: outcome,
          took: number,
          residue: z.array(z.object({ what: text, command: text })),
          swept: texts,
        }),
      ),
    ),
  ),
};
