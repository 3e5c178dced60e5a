import * as z from "zod/mini";

import type { BackupFacts } from "../../domain/facts.ts";
import { withoutLogin } from "../../domain/location.ts";
import type { KubeObject } from "../../ports.ts";
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

const parsed = new WeakMap<object, BackupFacts>();

/** Each object is read once, however many AntflyClusters there are. */
export function parseBackup(object: KubeObject, kind: BackupFacts["kind"]): BackupFacts {
  const facts = parsed.get(object) ?? backupFacts(object, kind);
  parsed.set(object, facts);
  return facts;
}

function backupFacts(object: KubeObject, kind: BackupFacts["kind"]): BackupFacts {
  const { metadata: meta, spec } = z.parse(backupObject(), object);
  const namespace = meta.namespace ?? "";
  const field = spec.destination ? "destination" : "source";
  const where = spec.destination ?? spec.source;
  return {
    kind,
    name: meta.name,
    namespace,
    cluster: { namespace: spec.clusterRef.namespace || namespace, name: spec.clusterRef.name },
    field,
    location: withoutLogin(where?.location ?? ""),
    credentialsSecret: where?.credentialsSecret?.name || undefined,
    connection: where?.connection || undefined,
  };
}
