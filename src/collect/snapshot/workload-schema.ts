import * as z from "zod/mini";

import { groupName, source } from "./cluster-schema.ts";
import { fact, flag, maybe, number, strings, text } from "./fact-schema.ts";
import { keyFacts, owner } from "./secret-schema.ts";

z.config({ jitless: true });

/* The shapes of `src/domain/workload-facts.ts`, and of what reaches the pods. */
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

export const workloadFactShapes = {
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
};
