import * as z from "zod/mini";
import { toJSONSchema } from "zod/v4/core";

import type { Facts } from "../../domain/facts.ts";
import type { Target } from "../../domain/report.ts";
import { awsFactShapes } from "./aws-schema.ts";
import { externalSecretsFactShapes } from "./external-secrets-schema.ts";
import { googleFactShapes } from "./google-schema.ts";
import { keyFacts, keys, owner, secret } from "./secret-schema.ts";
import { fact, flag, maybe, number, strings, text, texts } from "./fact-schema.ts";

/*
 * The shape of saved facts (`src/domain/facts.ts`), for reading them back: a file may come from anywhere. What is undefined
 * is left out of JSON.
 */
z.config({ jitless: true });

export const SNAPSHOT_SCHEMA = "antfly-creds.facts/v1";

const ref = z.object({ kind: text, namespace: maybe(text), name: text });
const span = z.object({ file: text, line: number, column: number });
const groupName = z.enum(["metadata", "data", "swarm", "standalone"]);
const source = z.object({
  kind: z.enum(["Secret", "ConfigMap"]),
  name: text,
  prefix: text,
  optional: flag,
  index: maybe(number),
  envFile: maybe(flag),
});
const condition = z.object({ type: text, status: text, reason: text, message: text });

const apiServers = z.array(z.object({ pod: text, encryption: flag, audit: flag }));
const atRest = z.discriminatedUnion("platform", [
  z.object({ platform: z.literal("eks"), cluster: maybe(text), key: maybe(text), minor: number }),
  z.object({
    platform: z.literal("gke"),
    cluster: text,
    projectNumber: maybe(text),
    state: maybe(text),
    key: maybe(text),
  }),
  z.object({
    platform: z.literal("self-managed"),
    apiServers: maybe(apiServers),
    written: maybe(z.object({ prefixes: texts, readInClear: number })),
  }),
]);

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

const configMap = z.object({ createdAt: text, dataChangedAt: maybe(text), keys });
const hashes = z.object({ content: maybe(text), reference: maybe(text) });

const supply = z.object({ source, key: text, facts: keyFacts });
const environment = z.object({
  of: text,
  variables: z.record(text, z.object({ name: text, from: maybe(supply), shadowed: z.array(supply) })),
  dropped: z.array(z.extend(supply, { name: text })),
  missing: z.array(source),
  missingOptional: z.array(source),
  undecided: z.array(source),
});

const pod = z.object({
  name: text,
  group: groupName,
  createdAt: text,
  envFromHash: maybe(text),
  restartedAt: maybe(text),
  revision: text,
  serviceAccount: text,
  node: maybe(text),
  envFrom: z.array(source),
  env: z.array(
    z.object({
      name: text,
      facts: maybe(keyFacts),
      from: maybe(z.object({ kind: z.enum(["Secret", "ConfigMap"]), name: text, key: text })),
    }),
  ),
  ready: flag,
  startedAt: maybe(text),
  waiting: maybe(z.object({ reason: text, message: text })),
  terminating: flag,
  identity: maybe(
    z.object({
      variables: strings,
      tokens: z.array(z.object({ volume: text, audience: text, mountPath: text })),
      marks: strings,
      fsGroup: maybe(number),
      runAsNonRoot: flag,
      hostNetwork: flag,
      awsFolderMounted: flag,
    }),
  ),
});

const generation = z.union([z.literal(1), z.literal(2), z.literal(3)]);

const facts = z.object({
  ...awsFactShapes,
  ...googleFactShapes,
  ...externalSecretsFactShapes,
  server: maybe(fact(z.object({ version: text, minor: number }))),
  access: maybe(
    fact(
      z.object({
        rules: z.array(z.object({ verbs: texts, apiGroups: texts, resources: texts, resourceNames: texts })),
        incomplete: flag,
      }),
    ),
  ),
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
  references: maybe(
    fact(
      z.object({
        secrets: z.record(text, fact(secret)),
        configMaps: z.record(text, fact(configMap)),
        hashes: z.object({
          metadata: maybe(hashes),
          data: maybe(hashes),
          swarm: maybe(hashes),
          standalone: maybe(hashes),
        }),
      }),
    ),
  ),
  elsewhere: maybe(fact(z.record(text, texts))),
  environments: maybe(fact(z.array(environment))),
  statefulSets: maybe(
    fact(
      z.array(
        z.object({
          name: text,
          envFromHash: maybe(text),
          configHash: maybe(text),
          restartedAt: maybe(text),
          serviceAccount: maybe(text),
          envFrom: z.array(source),
          replicas: number,
          readyReplicas: number,
          updatedReplicas: number,
          settled: flag,
          revisions: z.object({ current: text, update: text }),
          onDelete: flag,
          partition: number,
        }),
      ),
    ),
  ),
  pods: maybe(fact(z.array(pod))),
  revisions: maybe(
    fact(
      z.array(z.object({ name: text, statefulSet: text, revision: number, createdAt: text, restartedAt: maybe(text) })),
    ),
  ),
  crdFields: maybe(fact(texts)),
  operator: maybe(
    fact(
      z.object({
        generation: maybe(generation),
        evidence: z.array(z.object({ saw: text, allows: z.array(generation) })),
      }),
    ),
  ),
  serviceAccount: maybe(
    fact(
      z.object({
        name: text,
        awsRole: maybe(text),
        gcpAccount: maybe(text),
        annotations: strings,
        uid: maybe(text),
        createdAt: maybe(text),
        awsRoleWrittenAt: maybe(text),
        owner: maybe(owner),
      }),
    ),
  ),
  clocks: maybe(fact(z.array(z.object({ node: text, behindSeconds: number })))),
  secretReaders: maybe(fact(z.array(z.object({ subject: text, binding: ref, role: text, secrets: texts })))),
  apiServer: maybe(fact(apiServers)),
  encryptionAtRest: maybe(fact(atRest)),
  sharedKeys: maybe(
    fact(z.array(z.object({ secret: text, others: z.array(z.object({ namespace: text, name: text, key: text })) }))),
  ),
  suppressions: maybe(
    fact(
      z.array(
        z.object({
          codes: texts,
          subject: maybe(text),
          reason: text,
          expires: maybe(text),
          from: text,
          location: maybe(span),
          on: maybe(ref),
          problem: maybe(text),
        }),
      ),
    ),
  ),
});

const target = z.object({
  id: text,
  scope: z.enum(["cluster", "values", "inputs"]),
  context: maybe(text),
  namespace: text,
  cluster: maybe(text),
  holder: maybe(ref),
});

const snapshot = z.object({
  schema: z.literal(SNAPSHOT_SCHEMA),
  tool: z.object({ name: text, version: text }),
  takenAt: text.check(z.iso.datetime()),
  context: maybe(text),
  flags: texts,
  targets: z.array(z.object({ target, facts })),
});

/** Facts that were saved, of one or several AntflyClusters. */
export interface Snapshot {
  /** RFC 3339. */
  readonly takenAt: string;
  readonly context: string | undefined;
  /** Flags that chose the cluster when it was looked at. */
  readonly flags: readonly string[];
  readonly targets: readonly { readonly target: Target; readonly facts: Facts }[];
}

/** @throws ZodError for what is no snapshot */
export function parseSnapshot(value: unknown): Snapshot {
  const { takenAt, context, flags, targets } = z.parse(snapshot, value);
  // Fields that JSON left out are undefined, which is what the facts say of them.
  return { takenAt, context, flags, targets: targets as unknown as Snapshot["targets"] };
}

/** As a JSON Schema, for programs that read saved facts. */
export function jsonSchemaOfSnapshot(): object {
  return { $id: SNAPSHOT_SCHEMA, ...toJSONSchema(snapshot, { io: "input", reused: "ref" }) };
}
