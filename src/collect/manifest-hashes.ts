import type { ClusterFacts } from "../domain/facts.ts";
import type { EnvFromSource } from "../domain/env/effective.ts";
import { UserError } from "../domain/errors.ts";
import { describePlace, describeProblem, type InputProblem } from "../domain/inputs.ts";
import { contentHash, referenceHash, type HashedSource, type HashMatch } from "../domain/operator/envfrom-hash.ts";
import { ANTFLY_CLUSTER, CONFIG_MAP } from "../domain/resources.ts";
import { nearest, printable } from "../domain/text.ts";
import { KubeError, type App } from "../ports.ts";
import { FilesReader, NEWEST_MINOR } from "./inputs/files-reader.ts";
import { locate } from "./inputs/locate.ts";
import { objectProblems } from "./inputs/object-problems.ts";
import { readInputs } from "./inputs/read-inputs.ts";
import { parseCluster } from "./objects/cluster.ts";
import { parseData } from "./objects/schemas.ts";

/** Both `antfly.io/envfrom-hash`es of one node group. */
export interface GroupHash {
  readonly namespace: string;
  readonly cluster: string;
  readonly group: string;
  /** Null: not computable, or no envFrom. */
  readonly content: string | null;
  readonly reference: string | null;
  readonly live: string | null;
  readonly matches: HashMatch;
}

export interface ManifestHashOptions {
  readonly cluster: string | undefined;
  /** Namespace of objects that name none. */
  readonly namespace: string | undefined;
  /** A Secret that is not in the files does not exist; otherwise it is not known, and there is no content hash. */
  readonly assumeAbsent: boolean;
}

/** What makes a hash wrong; the rest is for `validate` to tell. */
const SPOILS_A_HASH = new Set(["input.malformed-object", "input.not-a-string"]);

/**
 * Both hashes of every node group of the AntflyClusters in these files.
 * @throws UserError for files that cannot be used, and when there is no (such) AntflyCluster among them
 */
export async function hashesOfManifests(
  app: App,
  paths: readonly string[],
  options: ManifestHashOptions,
): Promise<GroupHash[]> {
  const inputs = await readInputs(app, paths);
  const problems = inputs.documents.flatMap(objectProblems).filter(({ cause }) => SPOILS_A_HASH.has(cause));
  assertNone([...inputs.problems, ...problems]);
  const reader = new FilesReader(inputs.documents, {
    namespace: options.namespace ?? "default",
    assumeAbsent: options.assumeAbsent,
    kubernetesMinor: NEWEST_MINOR,
    redactor: app.redactor,
  });
  const clusters = (await reader.list(ANTFLY_CLUSTER, undefined)).map(parseCluster);
  const hashes = choose(clusters, options.cluster).map((cluster) => hashesOf(cluster, reader));
  return (await Promise.all(hashes)).flat();
}

function choose(clusters: readonly ClusterFacts[], name: string | undefined): readonly ClusterFacts[] {
  const chosen = clusters.filter((cluster) => name === undefined || cluster.name === name);
  if (chosen.length > 0) return chosen;
  const names = clusters.map((cluster) => cluster.name);
  const near = nearest(name ?? "", names);
  throw new UserError(
    "no-cluster",
    `the files hold no AntflyCluster${name === undefined ? "" : ` named ${name}`}`,
    near === undefined ? {} : { hint: `did you mean ${near}?` },
  );
}

async function hashesOf({ namespace, name, groups }: ClusterFacts, reader: FilesReader): Promise<GroupHash[]> {
  return Promise.all(
    groups.map(async ({ name: group, envFrom }): Promise<GroupHash> => {
      const reads = await Promise.all(envFrom.map((source) => read(source, namespace, reader)));
      const sources = reads.map(({ hashed }) => hashed);
      const unread = (kind?: string): boolean =>
        reads.some(({ known, hashed }) => !known && (kind === undefined || hashed.kind === kind));
      return {
        namespace,
        cluster: name,
        group,
        content: unread() ? null : (contentHash(sources) ?? null),
        reference: unread("ConfigMap") ? null : (referenceHash(namespace, sources) ?? null),
        live: null,
        matches: "unknown",
      };
    }),
  );
}

/** `known` also when it is known that the object does not exist. */
async function read(
  { kind, name }: EnvFromSource,
  namespace: string,
  reader: FilesReader,
): Promise<{ hashed: HashedSource; known: boolean }> {
  try {
    if (kind === "ConfigMap") {
      const entries = Object.entries(parseData(await reader.get(CONFIG_MAP, namespace, name)));
      const data = Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, "utf8")]));
      return { hashed: { kind, name, data }, known: true };
    }
    const { data, sealed, undecodable } = await reader.getSecret(namespace, name);
    const [bad] = undecodable ?? [];
    if (bad !== undefined) {
      const document = reader.documentOf({ kind: "Secret", namespace, name });
      const place = document === undefined ? "" : `${describePlace(locate(document, `/data/${bad}`))}: `;
      throw new UserError("bad-manifest", `${place}data.${bad} of Secret ${printable(name)} is not base64`, {
        hint: "put plain text under stringData",
      });
    }
    const values = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, value.reveal()]));
    return { hashed: { kind, name, data: values }, known: (sealed ?? []).length === 0 };
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return { hashed: { kind, name, data: undefined }, known: error.failure === "not-found" };
  }
}

function assertNone([first]: readonly InputProblem[]): void {
  if (first === undefined) return;
  throw new UserError("bad-manifest", describeProblem(first), first.fix === undefined ? {} : { hint: first.fix });
}
