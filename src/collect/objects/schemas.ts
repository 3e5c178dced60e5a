import { $ZodError } from "zod/v4/core";
import * as z from "zod/mini";

import type { EnvFromSource } from "../../domain/env/effective.ts";

// Compiling a schema into code takes longer than the few objects of a run are read in without.
z.config({ jitless: true });

/*
 * Kubernetes objects into facts. What comes over the wire is not trusted: a part that has the wrong shape is an error
 * with its path, which the collector reports as `malformed`.
 */
export const text = z.string();
export const strings = z.nullish(z.record(text, text));
const reference = z.nullish(z.object({ name: z.nullish(text), optional: z.nullish(z.boolean()) }));
export const envFromList = z.nullish(
  z.array(z.object({ prefix: z.nullish(text), secretRef: reference, configMapRef: reference })),
);
export type EnvFromList = z.infer<typeof envFromList>;

/** Schemas are built when first used: a short command needs one of them. */
export function once<T>(build: () => T): () => T {
  let built: T | undefined;
  return () => (built ??= build());
}

export const metadata = z.object({
  name: text,
  namespace: z.nullish(text),
  uid: z.nullish(text),
  generation: z.nullish(z.number()),
  resourceVersion: z.nullish(text),
  creationTimestamp: z.nullish(text),
  deletionTimestamp: z.nullish(text),
  labels: strings,
  annotations: strings,
  ownerReferences: z.nullish(z.array(z.object({ kind: text, name: text }))),
  managedFields: z.nullish(
    z.array(
      z.object({ manager: z.nullish(text), time: z.nullish(text), fieldsV1: z.nullish(z.record(text, z.unknown())) }),
    ),
  ),
});
export type ObjectMetadata = z.infer<typeof metadata>;

export function parseMetadata(object: unknown): ObjectMetadata {
  return z.parse(metadata, object);
}

const accountObject = once(() =>
  z.object({ imagePullSecrets: z.nullish(z.array(z.object({ name: z.nullish(text) }))) }),
);

/** Names of the Secrets that pods of a ServiceAccount pull their images with. */
export function parsePullSecrets(object: unknown): string[] {
  return (z.parse(accountObject(), object).imagePullSecrets ?? []).flatMap(({ name }) => name ?? []);
}

/** Upper bound of the last write of one annotation: the newest managedFields entry that owns it; undefined when stripped. */
export function annotationWrittenAt({ managedFields }: ObjectMetadata, annotation: string): string | undefined {
  const owns = (fields: Record<string, unknown> | null | undefined): boolean => {
    const meta = fields?.["f:metadata"] as Record<string, Record<string, unknown> | undefined> | undefined;
    return meta?.["f:annotations"]?.[`f:${annotation}`] !== undefined;
  };
  const times = (managedFields ?? []).flatMap(({ time, fieldsV1 }) => (time && owns(fieldsV1) ? [time] : []));
  return times.sort().at(-1);
}

const dataObject = once(() => z.object({ data: z.nullish(z.record(text, text)) }));

/** The plain data of a ConfigMap. */
export function parseData(object: unknown): Readonly<Record<string, string>> {
  return z.parse(dataObject(), object).data ?? {};
}

/** The rules of the operator's own validation, which a default installation runs after the API server took the object. */
export function problemOf({ secretRef, configMapRef }: NonNullable<EnvFromList>[number]): string | undefined {
  if (secretRef && configMapRef) return "names both a Secret and a ConfigMap, and may name only one";
  const ref = secretRef ?? configMapRef;
  if (!ref) return "names neither a Secret nor a ConfigMap";
  return ref.name ? undefined : "has an empty name";
}

export function toSources(list: EnvFromList): EnvFromSource[] {
  return (list ?? []).flatMap((entry, index): EnvFromSource[] => {
    const ref = entry.secretRef ?? entry.configMapRef;
    if (problemOf(entry) !== undefined || !ref?.name) return [];
    const kind = ref === entry.secretRef ? "Secret" : "ConfigMap";
    return [{ kind, name: ref.name, prefix: entry.prefix ?? "", optional: ref.optional ?? false, index }];
  });
}

/** What does not fit, as the pointer to it and the reason. */
export interface Mismatch {
  readonly path: string;
  readonly reason: string;
}

/** The first thing that is wrong with an object; undefined for any other error. */
export function mismatchOf(error: unknown): Mismatch | undefined {
  if (!(error instanceof $ZodError)) return undefined;
  const [issue] = error.issues;
  const path = (issue?.path ?? [])
    .map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
  const expected =
    issue?.code === "invalid_type" ? `expected ${issue.expected}` : (issue?.message ?? "unexpected content");
  return { path, reason: expected };
}

/** `spec.config: expected string`. */
export function describeMismatch(error: unknown): string | undefined {
  const mismatch = mismatchOf(error);
  if (mismatch === undefined) return undefined;
  return `${mismatch.path.slice(1).replaceAll("/", ".") || "the object"}: ${mismatch.reason}`;
}
