import { readEncryptionConfiguration } from "../../domain/encryption-configuration.ts";
import { EXTERNAL_SECRETS_GROUP } from "../../domain/external-secrets-facts.ts";
import type { EncryptionInput, InputFacts, PlainSecret, SyncInput } from "../../domain/input-facts.ts";
import { describeRef } from "../../domain/finding.ts";
import { describePlace, STANDARD_INPUT, type InputProblem } from "../../domain/inputs.ts";
import { withoutLogin } from "../../domain/location.ts";
import { printable } from "../../domain/text.ts";
import { classify } from "../../domain/values/classify.ts";
import { isSecretAmongOthers } from "../../domain/values/secret-names.ts";
import type { App } from "../../ports.ts";
import { isMapping, refOf, type ManifestDocument } from "./documents.ts";
import { literalCredentials } from "./literal-credentials.ts";
import { locate } from "./locate.ts";
import { secretOf } from "./manifest-secrets.ts";
import { objectProblems } from "./object-problems.ts";
import type { EnvInput, Inputs } from "./read-inputs.ts";

export interface InputFactsOptions {
  /** Namespace of objects that name none. */
  readonly namespace: string;
  readonly fingerprint: (bytes: Uint8Array) => string;
}

/** What the files hold besides AntflyClusters, as facts: names, places and shapes, never a value. */
export async function inputFacts(
  app: Pick<App, "files" | "redactor">,
  inputs: Inputs,
  options: InputFactsOptions,
): Promise<InputFacts> {
  const { documents } = inputs;
  const plainSecrets = documents.flatMap((document) => plainSecret(document, app, options.fingerprint));
  const literals = [...documents, ...inputs.others].flatMap(literalCredentials);
  const encryption = documents.flatMap(encryptionInput);
  const envFiles = inputs.envFiles.map((one) => ({ file: one.file, secrets: secretsIn(one, options.fingerprint) }));
  const holders = [
    ...plainSecrets.map(({ file }) => file),
    ...literals.map(({ location }) => location.file),
    ...encryption.filter(({ holdsKey }) => holdsKey).map(({ file }) => file),
    ...envFiles.filter(({ secrets }) => secrets.length > 0).map(({ file }) => file),
  ].filter((file) => file !== STANDARD_INPUT);
  const tracked = holders.length === 0 ? new Set<string>() : await app.files.tracked([...new Set(holders)]);
  return {
    files: inputs.files,
    problems: [...inputs.problems, ...documents.flatMap(objectProblems), ...duplicates(documents, options.namespace)],
    tracked: tracked === undefined ? undefined : [...tracked],
    plainSecrets,
    envFiles,
    literals,
    policies: inputs.policies.map(({ kind, value, document: { file } }) => ({ file, kind, value })),
    encryption,
    aims: documents.flatMap(aimOf),
    externalSecrets: documents.flatMap(syncInput),
  };
}

function secretsIn({ values }: EnvInput, fingerprint: InputFactsOptions["fingerprint"]): string[] {
  return [...values]
    .filter(([name, { text }]) => isSecretAmongOthers(name, classify(name, Buffer.from(text, "utf8"), fingerprint)))
    .map(([name]) => name);
}

function plainSecret(
  document: ManifestDocument,
  { redactor }: Pick<App, "redactor">,
  fingerprint: InputFactsOptions["fingerprint"],
): PlainSecret[] {
  if (document.object["kind"] !== "Secret") return [];
  const { data } = secretOf(document.object, redactor);
  const inText = document.object["stringData"];
  const keys = Object.entries(data).map(([key, value]) => ({
    key,
    field: isMapping(inText) && Object.hasOwn(inText, key) ? ("stringData" as const) : ("data" as const),
    facts: classify(key, value.reveal(), fingerprint),
  }));
  if (keys.length === 0) return [];
  return [{ subject: refOf(document.object), file: document.file, keys, location: locate(document, "/kind") }];
}

/** The same object twice: which one is applied last is anybody's guess. */
function duplicates(documents: readonly ManifestDocument[], namespace: string): InputProblem[] {
  const first = new Map<string, ManifestDocument>();
  return documents.flatMap((document) => {
    const ref = refOf(document.object);
    if (ref.name === "") return [];
    const key = JSON.stringify([document.object["apiVersion"], ref.kind, ref.namespace ?? namespace, ref.name]);
    const earlier = first.get(key);
    first.set(key, document);
    if (earlier === undefined) return [];
    const place = describePlace(locate(earlier, "/metadata/name"));
    return [
      {
        cause: "input.duplicate-object",
        severity: "warning" as const,
        subject: ref,
        message: `${describeRef(ref)} is written twice, first at ${place}; the later one is judged`,
        location: locate(document, "/metadata/name"),
        fix: "judge one environment at a time",
      },
    ];
  });
}

/** The group that is not served by any API server: the file is read by one. */
const ENCRYPTION_GROUP = "apiserver.config.k8s.io/";

function encryptionInput(document: ManifestDocument): EncryptionInput[] {
  const { object, file } = document;
  const { kind, apiVersion } = object;
  const isOurs =
    apiVersion === undefined || (typeof apiVersion === "string" && apiVersion.startsWith(ENCRYPTION_GROUP));
  if (kind !== "EncryptionConfiguration" || !isOurs) return [];
  const { providers, path, refused, holdsKey } = readEncryptionConfiguration(object);
  const parts = refused.map((part) => ({ what: printable(part.what), location: locate(document, part.path) }));
  return [{ file, location: locate(document, path), providers: providers.map(printable), refused: parts, holdsKey }];
}

/** Generators are of another group, and PushSecrets have versions of their own. */
const SYNC_KINDS = new Set(["ExternalSecret", "ClusterExternalSecret", "SecretStore", "ClusterSecretStore"]);

function syncInput(document: ManifestDocument): SyncInput[] {
  const { apiVersion } = document.object;
  const subject = refOf(document.object);
  if (typeof apiVersion !== "string" || !apiVersion.startsWith(`${EXTERNAL_SECRETS_GROUP}/`)) return [];
  return SYNC_KINDS.has(subject.kind) ? [{ subject, apiVersion, location: locate(document, "/apiVersion") }] : [];
}

function aimOf({ object }: ManifestDocument): InputFacts["aims"] {
  if (object["kind"] !== "AntflyBackup" && object["kind"] !== "AntflyRestore") return [];
  const spec = isMapping(object["spec"]) ? object["spec"] : {};
  const place = spec["destination"] ?? spec["source"];
  const location = isMapping(place) ? place["location"] : undefined;
  const match =
    typeof location === "string" && withoutLogin(location) === location
      ? /^s3:\/\/([^/]+)\/?(.*)$/.exec(location)
      : null;
  return match === null ? [] : [{ bucket: match[1] ?? "", prefix: (match[2] ?? "").replace(/\/+$/, "") }];
}
