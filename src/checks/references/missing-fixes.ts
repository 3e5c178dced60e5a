import { editExternalSecret, makersOf } from "../../domain/external-secrets.ts";
import type { ExternalSecretFacts } from "../../domain/external-secrets-facts.ts";
import type { BackupFacts, ClusterFacts } from "../../domain/facts.ts";
import { command, edit, safeCommand, type Fix } from "../../domain/finding.ts";
import { editCluster } from "../../domain/fixes.ts";
import { isObjectName } from "../../domain/names.ts";
import { sentenceList } from "../../domain/text.ts";
import type { SourceRef } from "./waiting-pods.ts";

/** Who reads the Secret of `spec.secretStore`. */
export const SECRET_STORE = "spec.secretStore";

/** The backups whose Jobs read the Secret, where nobody else does. */
export function jobsAlone(
  source: SourceRef,
  readers: readonly string[],
  backups: readonly BackupFacts[],
): readonly BackupFacts[] {
  const jobs = backups.filter(
    ({ kind, name, credentialsSecret }) =>
      source.kind === "Secret" && credentialsSecret === source.name && readers.includes(`${kind}/${name}`),
  );
  return jobs.length === readers.length ? jobs : [];
}

/** Nodes that have keys need no other Secret, and one more in their envFrom would replace every pod. */
export function leaveOut(jobs: readonly BackupFacts[]): Fix[] {
  const which = sentenceList(jobs.map(({ kind, name }) => `${kind} ${name}`));
  return [
    edit(`leave credentialsSecret out of ${which}: the nodes do the work, with the keys that they have`),
    ...jobs
      .filter(({ kind }) => kind === "AntflyBackup")
      .map(({ name, namespace }) => command`kubectl edit antflybackup ${name} -n ${namespace}`),
  ];
}

/** ExternalSecrets that write a Secret whose name is nearly the one that is missing. */
export function nearlyMade(
  { kind, name }: SourceRef,
  externalSecrets: readonly ExternalSecretFacts[],
): ExternalSecretFacts[] {
  return externalSecrets.filter((one) => kind === "Secret" && one.wanted === name && one.target !== name);
}

/** A Secret that an ExternalSecret makes is not made by hand: it would be two who write it. */
export function fixesOfMaker(source: SourceRef, externalSecrets: readonly ExternalSecretFacts[]): Fix[] {
  if (source.kind !== "Secret") return [];
  const [maker] = makersOf(externalSecrets, source.name);
  if (maker !== undefined)
    return [
      edit(`let ExternalSecret ${maker.name} make it; why it does not, its events say:`),
      safeCommand`kubectl describe externalsecret ${maker.name} -n ${maker.namespace}`,
    ];
  const [near] = nearlyMade(source, externalSecrets);
  return near === undefined
    ? []
    : editExternalSecret(near, `name Secret ${near.target} under envFrom, or set spec.target.name to ${source.name}`);
}

/** What brings a source that is not there. `readers`: node groups, `spec.secretStore` and `AntflyBackup/nightly`. */
export function fixesFor(cluster: ClusterFacts, source: SourceRef, readers: readonly string[]): Fix[] {
  const { namespace, name } = cluster;
  if (!isObjectName(source.name)) {
    const what = `correct the name ${source.name}: lower-case letters, digits, dashes and dots`;
    return readers.some((reader) => !reader.includes("/")) ? editCluster(cluster, what) : [edit(what)];
  }
  if (source.kind === "ConfigMap")
    return [edit(`create ConfigMap ${source.name} in namespace ${namespace}, or remove it from envFrom`)];
  if (readers.includes(SECRET_STORE))
    return [edit(`create Secret ${source.name} in namespace ${namespace} with the store's file (secrets.json)`)];
  return [command`antfly-creds init secret ${name} -n ${namespace} --secret-name ${source.name}`];
}
