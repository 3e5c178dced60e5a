import * as z from "zod/mini";
import { toJSONSchema } from "zod/v4/core";

import type { Facts } from "../../domain/facts.ts";
import type { Target } from "../../domain/report.ts";
import { awsFactShapes } from "./aws-schema.ts";
import { clusterFactShapes } from "./cluster-schema.ts";
import { encryptionFactShapes } from "./encryption-schema.ts";
import { externalSecretsFactShapes } from "./external-secrets-schema.ts";
import { googleFactShapes } from "./google-schema.ts";
import { keys, secret } from "./secret-schema.ts";
import { workloadFactShapes } from "./workload-schema.ts";
import { fact, flag, maybe, number, text, texts } from "./fact-schema.ts";

/*
 * The shape of saved facts (`src/domain/facts.ts`), for reading them back: a file may come from anywhere. What is undefined
 * is left out of JSON.
 */
z.config({ jitless: true });

export const SNAPSHOT_SCHEMA = "antfly-creds.facts/v1";

const ref = z.object({ kind: text, namespace: maybe(text), name: text });
const span = z.object({ file: text, line: number, column: number });
const configMap = z.object({ createdAt: text, dataChangedAt: maybe(text), keys });
const hashes = z.object({ content: maybe(text), reference: maybe(text) });

const generation = z.union([z.literal(1), z.literal(2), z.literal(3)]);

const facts = z.object({
  ...awsFactShapes,
  ...googleFactShapes,
  ...externalSecretsFactShapes,
  ...clusterFactShapes,
  ...workloadFactShapes,
  ...encryptionFactShapes,
  server: maybe(fact(z.object({ version: text, minor: number }))),
  access: maybe(
    fact(
      z.object({
        rules: z.array(z.object({ verbs: texts, apiGroups: texts, resources: texts, resourceNames: texts })),
        incomplete: flag,
      }),
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
  crdFields: maybe(fact(texts)),
  operator: maybe(
    fact(
      z.object({
        generation: maybe(generation),
        evidence: z.array(z.object({ saw: text, allows: z.array(generation) })),
      }),
    ),
  ),
  clocks: maybe(fact(z.array(z.object({ node: text, behindSeconds: number })))),
  secretReaders: maybe(fact(z.array(z.object({ subject: text, binding: ref, role: text, secrets: texts })))),
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
