import type { EnvFromSource } from "../../domain/env/effective.ts";
import { CREDENTIAL_KEYS, isNearMiss } from "../../domain/env/static-keys.ts";
import type { Ref } from "../../domain/finding.ts";
import { SECRET } from "../../domain/resources.ts";
import { Sensitive } from "../../domain/sensitive.ts";
import { classify, UNREAD, type KeyFacts } from "../../domain/values/classify.ts";
import { isPublicKey } from "../../domain/values/public-keys.ts";
import type { App, SecretObject } from "../../ports.ts";
import { keyFacts } from "../secret-facts.ts";
import type { FilesReader } from "./files-reader.ts";
import { refOf } from "./documents.ts";
import type { EnvInput } from "./read-inputs.ts";

/** Values that no AntflyCluster refers to: an env file, or a Secret by itself. */
export interface LooseValues {
  readonly holder: Ref;
  readonly source: EnvFromSource;
  readonly keys: Readonly<Record<string, KeyFacts>>;
}

type Fingerprint = (bytes: Uint8Array) => string;

export function valuesOfEnvFile({ file, values }: EnvInput, app: App, fingerprint: Fingerprint): LooseValues {
  const keys: Record<string, KeyFacts> = {};
  for (const [name, { text }] of values) {
    if (!isPublicKey(name)) app.redactor.watch(new Sensitive(text));
    keys[name] = classify(name, Buffer.from(text, "utf8"), fingerprint);
  }
  const source: EnvFromSource = { kind: "Secret", name: file, prefix: "", optional: false, envFile: true };
  return { holder: { kind: "File", name: file }, source, keys };
}

export function valuesOfSecret(secret: SecretObject, ref: Ref, fingerprint: Fingerprint): LooseValues {
  const bytes = Object.fromEntries(Object.entries(secret.data).map(([key, value]) => [key, value.reveal()]));
  const keys = keyFacts(bytes, { fingerprint });
  for (const key of secret.sealed ?? []) keys[key] = UNREAD;
  for (const key of secret.undecodable ?? []) {
    const facts = keys[key];
    if (facts !== undefined) keys[key] = { ...facts, shape: ["not-base64-decoded", ...facts.shape] };
  }
  return { holder: ref, source: { kind: "Secret", name: ref.name, prefix: "", optional: false }, keys };
}

/** Secrets among the files that hold storage keys and that none of the AntflyClusters refers to. */
export async function secretsByThemselves(
  reader: FilesReader,
  referred: ReadonlySet<string>,
  fingerprint: Fingerprint,
): Promise<LooseValues[]> {
  const objects = await reader.list(SECRET, undefined);
  // One that is written twice is one Secret; the reader gives the later.
  const refs = new Map(objects.map(refOf).map((ref) => [`${ref.namespace}/${ref.name}`, ref]));
  for (const key of referred) refs.delete(key);
  const all = await Promise.all(
    [...refs.values()].map(async (ref) =>
      valuesOfSecret(await reader.getSecret(ref.namespace ?? "", ref.name), ref, fingerprint),
    ),
  );
  return all.filter(({ keys }) => holdsStorageKeys(Object.keys(keys)));
}

/** Names of a storage credential, misspelt ones too. */
export function holdsStorageKeys(names: readonly string[]): boolean {
  return names.some((name) => CREDENTIAL_KEYS.some((wanted) => name === wanted || isNearMiss(name, wanted)));
}
