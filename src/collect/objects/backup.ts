import * as z from "zod/mini";

import type { BackupFacts } from "../../domain/facts.ts";
import { metadata, once, text } from "./schemas.ts";

const place = z.nullish(
  z.object({
    location: z.nullish(text),
    connection: z.nullish(text),
    credentialsSecret: z.nullish(z.object({ name: z.nullish(text) })),
  }),
);
const backupObject = once(() =>
  z.object({
    metadata,
    spec: z.object({
      clusterRef: z.object({ name: text, namespace: z.nullish(text) }),
      destination: place,
      source: place,
    }),
  }),
);

/** Undefined when it belongs to another cluster than this one of this namespace. */
export function parseBackup(
  object: unknown,
  kind: BackupFacts["kind"],
  cluster: { readonly namespace: string; readonly name: string },
): BackupFacts | undefined {
  const { metadata: meta, spec } = z.parse(backupObject(), object);
  const namespace = meta.namespace ?? cluster.namespace;
  const of = { name: spec.clusterRef.name, namespace: spec.clusterRef.namespace || namespace };
  if (of.name !== cluster.name || of.namespace !== cluster.namespace) return undefined;
  const field = spec.destination ? "destination" : "source";
  const where = spec.destination ?? spec.source;
  return {
    kind,
    name: meta.name,
    namespace,
    field,
    location: where?.location ?? "",
    credentialsSecret: where?.credentialsSecret?.name || undefined,
    connection: where?.connection || undefined,
  };
}
