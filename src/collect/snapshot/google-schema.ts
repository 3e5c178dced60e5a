import * as z from "zod/mini";

import { aim, outcome } from "./aws-schema.ts";
import { fact, flag, maybe, number, text, texts } from "./fact-schema.ts";

z.config({ jitless: true });

/* The shapes of `src/domain/google-facts.ts`. */
const gkeName = z.object({ project: text, location: text, name: text });
const policy = z.object({
  version: number,
  etag: maybe(text),
  bindings: z.array(
    z.object({
      role: text,
      members: texts,
      condition: maybe(
        z.object({ title: maybe(text), description: maybe(text), expression: text, location: maybe(text) }),
      ),
    }),
  ),
  rest: z.record(text, z.unknown()),
});
const googleAim = z.extend(aim, {
  scheme: z.literal("gs"),
  connection: maybe(text),
  source: z.enum(["default", "bearer_token", "service_account"]),
});
const bucket = z.object({
  bucket: text,
  project: maybe(text),
  policy: fact(policy),
  projectPolicy: fact(policy),
  requesterPays: fact(flag),
  uniformAccess: fact(flag),
});
const encryption = z.object({ state: text, currentState: maybe(text), keyName: maybe(text) });
const cluster = z.extend(gkeName, {
  namedBy: text,
  projectNumber: fact(text),
  workloadPool: maybe(text),
  autopilot: flag,
  datapath: maybe(text),
  status: text,
  nodePools: z.array(z.object({ name: text, metadataMode: maybe(text), status: text })),
  databaseEncryption: maybe(encryption),
});
const node = z.object({
  name: text,
  pool: maybe(text),
  metadataServer: flag,
  provider: maybe(text),
  project: maybe(text),
});
const account = z.object({
  email: text,
  uniqueId: text,
  project: text,
  disabled: flag,
  policy: fact(policy),
  projectPolicy: fact(policy),
  credentialsApi: fact(z.enum(["ENABLED", "DISABLED"])),
});
const identity = z.object({
  serviceAccount: text,
  pool: text,
  audience: text,
  token: z.object({ issuer: text, subject: text, audiences: texts }),
  exchanged: outcome,
  account: maybe(text),
  impersonated: outcome,
  principal: maybe(text),
  buckets: z.array(z.object({ aim: googleAim, asked: texts, granted: texts, outcome })),
});
const googleKey = z.object({
  secret: text,
  entry: text,
  account: text,
  keyId: text,
  key: fact(z.object({ found: z.enum(["key", "no-key", "no-account"]), disabled: flag, validBefore: maybe(text) })),
});
const networkPolicy = z.object({
  name: text,
  labels: z.record(text, text),
  expressions: flag,
  egress: maybe(
    z.array(
      z.object({
        to: maybe(z.array(z.object({ cidr: text, except: texts }))),
        ports: maybe(z.array(z.object({ protocol: text, port: maybe(number), endPort: maybe(number) }))),
      }),
    ),
  ),
});
const hmacKey = z.object({
  source: text,
  secret: maybe(text),
  idKey: maybe(text),
  keyId: text,
  ofPerson: flag,
  askedIn: texts,
  key: fact(
    z.object({
      state: z.enum(["ACTIVE", "INACTIVE", "DELETED"]),
      account: text,
      project: text,
      createdAt: maybe(text),
    }),
  ),
  buckets: z.array(bucket),
});

export const googleFactShapes = {
  gkeCluster: maybe(fact(cluster)),
  gkePeers: maybe(fact(z.array(gkeName))),
  nodes: maybe(fact(z.array(node))),
  googleAccount: maybe(fact(account)),
  googleAims: maybe(fact(z.array(googleAim))),
  googleBuckets: maybe(fact(z.array(bucket))),
  googleRoles: maybe(fact(z.record(text, fact(texts)))),
  googleIdentity: maybe(fact(identity)),
  googleKeys: maybe(fact(z.array(googleKey))),
  networkPolicies: maybe(fact(z.array(networkPolicy))),
  hmacKeys: maybe(fact(z.array(hmacKey))),
};
