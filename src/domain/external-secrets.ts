import type { ExternalSecretFacts } from "./external-secrets-facts.ts";
import type { ReferenceFacts } from "./facts.ts";
import type { Owner } from "./owner.ts";
import { command, edit, type Fix, type Ref } from "./finding.ts";

/** The ExternalSecrets that write this Secret. */
export function makersOf(externalSecrets: readonly ExternalSecretFacts[], secret: string): ExternalSecretFacts[] {
  return externalSecrets.filter(({ target, creationPolicy }) => target === secret && creationPolicy !== "None");
}

/** The Secrets that the cluster refers to and an ExternalSecret writes, or is to write. */
export function ofTheCluster(externalSecrets: readonly ExternalSecretFacts[]): ExternalSecretFacts[] {
  return externalSecrets.filter(({ target, wanted }) => target === wanted);
}

/**
 * Names of the keys that it writes; undefined where its store, or a template that lies elsewhere, decides. With a template
 * the template alone decides, unless it says `mergePolicy: Merge` (ESO, `ApplyTemplate`).
 */
export function broughtKeys({ data, dataFrom, template }: ExternalSecretFacts): readonly string[] | undefined {
  const mapped = data.map(({ secretKey }) => secretKey);
  if (template?.more === true) return undefined;
  if (template !== undefined && template.keys.length > 0 && template.mergePolicy !== "Merge") return template.keys;
  return dataFrom.length > 0 ? undefined : [...new Set([...mapped, ...(template?.keys ?? [])])];
}

/**
 * The Secret is not on the cluster. One that stands among the facts because a manifest is to make it is not there either,
 * where the cluster has the ExternalSecret already.
 */
export function lacksSecret({ uid, target }: ExternalSecretFacts, { secrets }: ReferenceFacts): boolean {
  const fact = secrets[target];
  if (fact?.state !== "known") return fact?.state === "absent";
  const { inFile, owner } = fact.value;
  return uid !== undefined && inFile && owner?.tool === "External Secrets";
}

export function refOfExternalSecret({ namespace, name }: ExternalSecretFacts): Ref {
  return { kind: "ExternalSecret", namespace, name };
}

/** It syncs again at once: any change of its annotations is a reason to (ESO, `shouldRefresh`), but for some policies. */
export function forceSync({ namespace, name }: Pick<ExternalSecretFacts, "namespace" | "name">): Fix {
  return command`kubectl annotate externalsecret ${name} -n ${namespace} --overwrite force-sync="$(date +%s)"`;
}

/** Another change than the tool's that owns it would be undone. */
export function whereOwned(owner: Owner | undefined): string {
  if (owner === undefined) return "";
  if (owner.tool === "External Secrets") return ", in the ClusterExternalSecret that makes it";
  const place =
    owner.tool === "Helm" ? "the values of the Helm release" : `the Git repository that ${owner.tool} syncs`;
  return `, in ${place}`;
}

/** Says what to change in it, and opens it where nobody would undo that. */
export function editExternalSecret(one: ExternalSecretFacts, what: string): Fix[] {
  const words = edit(`${what}${whereOwned(one.owner)}`);
  const open = command`kubectl edit externalsecret ${one.name} -n ${one.namespace}`;
  return one.owner === undefined ? [words, open] : [words];
}

/** What is written into its Secret by hand does not last: the value is changed where it comes from. */
export function writeUpstream(one: ExternalSecretFacts, key: string): Fix[] {
  const entry = one.data.find(({ secretKey }) => secretKey === key)?.remoteKey ?? one.dataFrom[0]?.remoteKey;
  return [edit(`write ${key} anew at the provider${entry === undefined ? "" : ` (entry ${entry})`}`), forceSync(one)];
}
