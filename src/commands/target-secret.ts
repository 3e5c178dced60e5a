import { ACCESS_KEY_ID } from "../domain/env/static-keys.ts";
import { secretSupplying, type KeysOf } from "../domain/env/winners.ts";
import { UserError } from "../domain/errors.ts";
import type { ClusterFacts, ReferenceFacts } from "../domain/facts.ts";
import { isObjectName } from "../domain/names.ts";
import { printable } from "../domain/text.ts";
import { orThrow } from "./or-throw.ts";

/**
 * The Secret that is to hold the keys: the one that was named; else the one of envFrom that supplies them; else the first
 * one of envFrom that does not exist, a required one before an optional one; else a new one.
 * @throws UserError for a name that no Secret can have, and when it takes a Secret that could not be read to tell
 */
export function targetSecret(
  cluster: ClusterFacts,
  references: ReferenceFacts,
  { named, printedBy }: { readonly named: string | undefined; readonly printedBy: string },
): string {
  const secret = named ?? fromEnvFrom(cluster, references, printedBy) ?? defaultSecretName(cluster.name);
  if (isObjectName(secret)) return secret;
  throw new UserError("bad-name", `"${printable(secret)}" cannot be the name of a Secret`, {
    hint: "lower-case letters, digits, dashes and dots",
  });
}

export function defaultSecretName(cluster: string): string {
  return `${cluster}-backup-credentials`;
}

/** Key names as they were read. */
export function keysIn(references: ReferenceFacts): KeysOf {
  return ({ kind, name }) => {
    const fact = kind === "Secret" ? references.secrets[name] : references.configMaps[name];
    return fact?.state === "known" ? Object.keys(fact.value.keys) : undefined;
  };
}

function fromEnvFrom(cluster: ClusterFacts, references: ReferenceFacts, printedBy: string): string | undefined {
  const sources = cluster.groups.flatMap((group) => group.envFrom).filter((source) => source.kind === "Secret");
  for (const { name } of sources) {
    const fact = references.secrets[name];
    if (fact?.state === "unknown") orThrow(fact, printedBy);
  }
  for (const group of cluster.groups) {
    const supplying = secretSupplying(ACCESS_KEY_ID, group.envFrom, keysIn(references));
    if (supplying !== undefined) return supplying;
  }
  const missing = sources.filter((source) => references.secrets[source.name]?.state === "absent");
  return (missing.find((source) => !source.optional) ?? missing[0])?.name;
}
