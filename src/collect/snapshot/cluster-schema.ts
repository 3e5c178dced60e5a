import * as z from "zod/mini";

import { fact, flag, maybe, number, strings, text, texts } from "./fact-schema.ts";
import { owner } from "./secret-schema.ts";

z.config({ jitless: true });

/* The shapes of an AntflyCluster and of its backups. */
export const groupName = z.enum(["metadata", "data", "swarm", "standalone"]);
export const source = z.object({
  kind: z.enum(["Secret", "ConfigMap"]),
  name: text,
  prefix: text,
  optional: flag,
  index: maybe(number),
  envFile: maybe(flag),
});
const condition = z.object({ type: text, status: text, reason: text, message: text });

const cluster = z.object({
  namespace: text,
  name: text,
  uid: text,
  generation: number,
  image: text,
  mode: text,
  groups: z.array(
    z.object({
      name: groupName,
      field: text,
      statefulSet: text,
      replicas: maybe(number),
      envFrom: z.array(source),
      invalid: z.array(z.object({ index: number, problem: text })),
    }),
  ),
  conditions: z.array(condition),
  serviceAccount: maybe(text),
  eksRole: maybe(text),
  secretStore: maybe(text),
  secretStoreKey: text,
  configured: z.object({
    endpoint: flag,
    endpointUrl: maybe(text),
    credentials: flag,
    connections: flag,
    connectionIds: maybe(texts),
    literals: texts,
    buckets: maybe(
      z.array(
        z.object({
          bucket: text,
          prefix: text,
          connection: maybe(text),
          endpoint: maybe(text),
          region: maybe(text),
          source: maybe(text),
          roleArn: maybe(text),
        }),
      ),
    ),
    googleBuckets: maybe(
      z.array(z.object({ bucket: text, prefix: text, connection: text, project: maybe(text), source: maybe(text) })),
    ),
  }),
  refused: z.array(z.object({ path: text, problem: text })),
  annotations: strings,
  owner: maybe(owner),
});

export const clusterFactShapes = {
  clusters: maybe(fact(z.array(cluster))),
  cluster: maybe(fact(cluster)),
  backups: maybe(
    fact(
      z.array(
        z.object({
          kind: z.enum(["AntflyBackup", "AntflyRestore"]),
          name: text,
          namespace: text,
          cluster: z.object({ namespace: text, name: text }),
          field: z.enum(["destination", "source"]),
          location: text,
          credentialsSecret: maybe(text),
          connection: maybe(text),
        }),
      ),
    ),
  ),
};
