import * as z from "zod/mini";

import { issuer, role } from "./aws-schema.ts";
import { fact, flag, maybe, number, strings, text, texts } from "./fact-schema.ts";
import { owner, secret } from "./secret-schema.ts";

z.config({ jitless: true });

/* The shapes of `src/domain/external-secrets-facts.ts`. */
const storeKind = z.enum(["SecretStore", "ClusterSecretStore"]);
const ready = z.object({ status: text, reason: text, message: text, since: maybe(text) });
const externalSecret = z.object({
  namespace: text,
  name: text,
  uid: maybe(text),
  apiVersion: text,
  createdAt: maybe(text),
  deleting: flag,
  target: text,
  wanted: text,
  stores: z.array(z.object({ kind: storeKind, name: text, path: text, explicit: flag })),
  refreshInterval: text,
  refreshPolicy: text,
  syncWindows: flag,
  creationPolicy: text,
  deletionPolicy: text,
  immutable: flag,
  data: z.array(z.object({ secretKey: text, remoteKey: text, property: maybe(text), decoding: text })),
  dataFrom: z.array(
    z.object({ from: z.enum(["extract", "find", "generator", "other"]), remoteKey: maybe(text), decoding: text }),
  ),
  template: maybe(z.object({ mergePolicy: text, keys: texts, more: flag })),
  ready: maybe(ready),
  refreshTime: maybe(text),
  owner: maybe(owner),
});
const store = z.object({
  kind: storeKind,
  name: text,
  namespace: maybe(text),
  uid: maybe(text),
  apiVersion: text,
  provider: text,
  service: maybe(text),
  region: maybe(text),
  project: maybe(text),
  mount: maybe(text),
  vaultUrl: maybe(text),
  account: maybe(z.object({ namespace: text, name: text, audiences: texts })),
  secrets: z.array(z.object({ namespace: text, name: text, key: text, path: text })),
  conditions: z.array(z.object({ namespaces: texts, regexes: texts, labels: maybe(strings), expressions: flag })),
  ready: maybe(ready),
  owner: maybe(owner),
});
const identity = z.object({
  store: z.object({ kind: storeKind, name: text }),
  namespace: text,
  name: text,
  there: flag,
  roleArn: maybe(text),
  audience: text,
  role: fact(role),
  issuer: fact(issuer),
});

export const externalSecretsFactShapes = {
  externalSecretsApi: maybe(fact(z.object({ versions: texts }))),
  externalSecrets: maybe(fact(z.array(externalSecret))),
  secretStores: maybe(
    fact(
      z.object({
        stores: z.array(store),
        missing: z.array(z.object({ kind: storeKind, name: text, otherKind: flag, others: texts })),
        namespaceLabels: maybe(strings),
      }),
    ),
  ),
  syncEvents: maybe(fact(z.array(z.object({ kind: text, name: text, reason: text, message: text, at: text })))),
  storeSecrets: maybe(fact(z.array(z.object({ namespace: text, name: text, secret: fact(secret) })))),
  storeIdentities: maybe(fact(z.array(identity))),
  externalSecretsWebhook: maybe(
    fact(
      z.object({
        name: text,
        service: z.object({ namespace: text, name: text }),
        failurePolicy: text,
        readyEndpoints: number,
      }),
    ),
  ),
};
