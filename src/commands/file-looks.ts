import { CLUSTER_COLLECTORS } from "../collect/cluster-facts.ts";
import { Collection } from "../collect/collector.ts";
import { FilesReader } from "../collect/inputs/files-reader.ts";
import { refOf } from "../collect/inputs/documents.ts";
import { inputFacts } from "../collect/inputs/input-facts.ts";
import { secretsByThemselves, valuesOfEnvFile } from "../collect/inputs/loose-values.ts";
import { locate as locateIn } from "../collect/inputs/locate.ts";
import { objectProblems } from "../collect/inputs/object-problems.ts";
import { placeOfFinding } from "../collect/inputs/place-of-finding.ts";
import type { Inputs } from "../collect/inputs/read-inputs.ts";
import { parseBackup } from "../collect/objects/backup.ts";
import { parseCluster } from "../collect/objects/cluster.ts";
import { distinctBy } from "../domain/distinct.ts";
import type { BackupFacts, ClusterFacts, Facts } from "../domain/facts.ts";
import type { Finding, Ref } from "../domain/finding.ts";
import type { InputProblem } from "../domain/inputs.ts";
import { known, type Unknown } from "../domain/known.ts";
import { ANTFLY_BACKUP, ANTFLY_CLUSTER, ANTFLY_RESTORE } from "../domain/resources.ts";
import type { App, Reader } from "../ports.ts";
import { fingerprints, type Look } from "./look.ts";
import { factsOfValues, staticLook } from "./static-look.ts";
import { suppressionsInFile } from "./suppressions.ts";

const NO_CLOUD = { off: "files say nothing of it; antfly-creds doctor asks the cloud" };

export interface FileLookOptions {
  /** Namespace of objects that name none. */
  readonly namespace: string;
  readonly assumeAbsent: boolean;
  readonly kubernetesMinor: number;
}

/** The cluster that the files are laid over. */
export interface Underlay {
  readonly context: string;
  readonly flags: readonly string[];
  /** The cluster's objects, the files laid over them. */
  reader(files: FilesReader): Reader;
}

/** Causes after which an object cannot be read into facts. */
const UNREADABLE = new Set(["input.malformed-object", "input.bad-name"]);

/**
 * Everything in the files that can be judged: the files as such, each AntflyCluster, and values that no AntflyCluster
 * refers to. With an underlay also the AntflyClusters there that read something of the files.
 */
export async function looksAtFiles(
  app: App,
  inputs: Inputs,
  options: FileLookOptions,
  underlay?: Underlay,
): Promise<Look[]> {
  const fingerprint = fingerprints(app);
  const sound = inputs.documents.filter(
    (document) => !objectProblems(document).some(({ cause }) => UNREADABLE.has(cause)),
  );
  const files = new FilesReader(sound, { ...options, redactor: app.redactor });
  const reader = underlay?.reader(files) ?? files;
  const locate = (found: Finding): ReturnType<typeof placeOfFinding> => placeOfFinding(found, files, inputs);
  const flags = underlay?.flags ?? [];
  const context = underlay?.context;

  const all = (await files.list(ANTFLY_CLUSTER, undefined)).map(parseCluster);
  const named = [...new Map(all.map((cluster) => [`${cluster.namespace}/${cluster.name}`, cluster])).values()];
  const backups = await backupsIn(files);
  const touched = underlay === undefined ? [] : await touchedClusters(files, backups, reader, named);
  const clusters = [...named, ...touched];
  const strays = backups.filter(({ cluster }) => !clusters.some((one) => isSame(one, cluster)));
  const isMissing = underlay !== undefined || options.assumeAbsent;
  for (const { name } of clusters) app.redactor.allow(name);

  let count = 0;
  const id = (): string => `t${(count += 1)}`;
  const problems = [...inputs.problems, ...(isMissing ? strays.flatMap((one) => withoutCluster(one, files)) : [])];
  const facts = await inputFacts(app, { ...inputs, problems }, { namespace: options.namespace, fingerprint });
  const referred = referredSecrets(clusters, backups);
  const placeOf = ({ namespace = options.namespace, name }: Ref): string => `${namespace}/${name}`;
  const written = sound.flatMap(({ object }) => suppressionsInFile(refOf(object), object));
  const nowhere = { context, namespace: options.namespace, cluster: undefined };
  const looks: Look[] = [
    staticLook(
      { id: id(), scope: "inputs", ...nowhere },
      { inputs: known(facts, { via: "file", ref: inputs.paths.join(", ") }) },
      {
        answers: ["inputs"],
        flags,
        locate,
        written,
        judgesWritten: written.filter(({ on }) => on?.kind === "Secret" && !referred.has(placeOf(on))),
      },
    ),
  ];
  const lookAtCluster = ({ namespace, name }: Named, given: Facts = {}): Look => {
    const world = {
      reader,
      namespace,
      cluster: name,
      allNamespaces: underlay === undefined,
      fingerprint,
      cloud: NO_CLOUD,
    };
    return {
      target: { id: id(), scope: "cluster", context, namespace, cluster: name },
      answers: ["cluster"],
      flags,
      locate,
      // Not kept: of a thousand clusters that is most of the memory, and reading files once more costs little.
      facts: (keys) => new Collection(CLUSTER_COLLECTORS, () => world, given).all(keys),
    };
  };
  looks.push(...clusters.map((one) => lookAtCluster(one)));
  if (!isMissing) looks.push(...clustersOf(strays).map((one) => lookAtCluster(one, { cluster: notAmong(one) })));
  const loose = [
    ...inputs.envFiles.flatMap((file) => {
      // Watched all the same: somebody may have filled it in.
      const values = valuesOfEnvFile(file, app, fingerprint);
      return file.example ? [] : values;
    }),
    ...(await secretsByThemselves(files, referred, fingerprint)),
  ];
  for (const values of loose) {
    const { namespace = options.namespace } = values.holder;
    const document = files.documentOf(values.holder);
    const onHolder = document === undefined ? [] : suppressionsInFile(values.holder, document.object);
    looks.push(
      staticLook(
        { id: id(), scope: "values", ...nowhere, namespace, holder: values.holder },
        factsOfValues(values, options.kubernetesMinor),
        { answers: ["values"], flags, locate, written: onHolder },
      ),
    );
  }
  return looks;
}

/** A backup of an AntflyCluster that is nowhere. */
function withoutCluster({ kind, namespace, name, cluster }: BackupFacts, files: FilesReader): InputProblem[] {
  const subject = { kind, namespace, name };
  const document = files.documentOf(subject);
  if (document === undefined) return [];
  const message = `${kind} ${name} is of AntflyCluster ${cluster.namespace}/${cluster.name}, which does not exist`;
  const location = locateIn(document, "/spec/clusterRef/name");
  const fix = "name the AntflyCluster, and its namespace if that is another one";
  return [{ cause: "input.no-cluster", severity: "error", subject, message, location, fix }];
}

function clustersOf(backups: readonly BackupFacts[]): Named[] {
  return distinctBy(
    backups.map(({ cluster }) => cluster),
    ({ namespace, name }) => `${namespace}/${name}`,
  );
}

/** What is asked of it is skipped, and seen to be. */
function notAmong({ name }: Named): Unknown {
  const detail = `AntflyCluster ${name} is not among the files; --assume-absent takes it for missing`;
  return { state: "unknown", why: "not-given", detail, origin: { via: "file", ref: `AntflyCluster ${name}` } };
}

/** AntflyClusters of the cluster that read a Secret or ConfigMap, or have a backup, that the files change. */
async function touchedClusters(
  files: FilesReader,
  backups: readonly BackupFacts[],
  reader: Reader,
  own: readonly ClusterFacts[],
): Promise<ClusterFacts[]> {
  const namespaces = new Set([...files.namespaces(), ...backups.map(({ cluster }) => cluster.namespace)]);
  const lists = await Promise.all([...namespaces].map((namespace) => reader.list(ANTFLY_CLUSTER, namespace)));
  const others = lists
    .flat()
    .map(parseCluster)
    .filter((one) => !own.some((other) => isSame(one, other)));
  return others.filter((cluster) => {
    const reads = sourcesOf(cluster).some(({ kind, name }) =>
      files.documentOf({ kind, namespace: cluster.namespace, name }),
    );
    return reads || backups.some((backup) => isSame(backup.cluster, cluster));
  });
}

async function backupsIn(files: FilesReader): Promise<BackupFacts[]> {
  const [taken, restored] = await Promise.all([
    files.list(ANTFLY_BACKUP, undefined),
    files.list(ANTFLY_RESTORE, undefined),
  ]);
  return [
    ...taken.map((object) => parseBackup(object, "AntflyBackup")),
    ...restored.map((object) => parseBackup(object, "AntflyRestore")),
  ];
}

/** `namespace/name` of the Secrets that are judged with an AntflyCluster. */
function referredSecrets(clusters: readonly ClusterFacts[], backups: readonly BackupFacts[]): Set<string> {
  const ofClusters = clusters.flatMap((cluster) =>
    sourcesOf(cluster)
      .filter(({ kind }) => kind === "Secret")
      .map(({ name }) => `${cluster.namespace}/${name}`),
  );
  const ofBackups = backups
    .filter(({ cluster }) => clusters.some((one) => isSame(one, cluster)))
    .flatMap(({ cluster, namespace, credentialsSecret }) =>
      credentialsSecret !== undefined && namespace === cluster.namespace ? [`${namespace}/${credentialsSecret}`] : [],
    );
  return new Set([...ofClusters, ...ofBackups]);
}

function sourcesOf({ groups, secretStore }: ClusterFacts): { kind: "Secret" | "ConfigMap"; name: string }[] {
  const sources = groups.flatMap((group) => group.envFrom.map(({ kind, name }) => ({ kind, name })));
  return secretStore === undefined ? sources : [...sources, { kind: "Secret", name: secretStore }];
}

interface Named {
  readonly namespace: string;
  readonly name: string;
}

function isSame(a: Named, b: Named): boolean {
  return a.namespace === b.namespace && a.name === b.name;
}
