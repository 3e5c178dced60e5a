import { UserError } from "../domain/errors.ts";
import type { EnvFromSource } from "../domain/env/effective.ts";
import { contentHash, referenceHash, type HashedSource, type HashMatch } from "../domain/operator/envfrom-hash.ts";
import { Sensitive } from "../domain/sensitive.ts";
import { nearest } from "../domain/text.ts";
import type { App, KubeObject } from "../ports.ts";
import { describePlace, readManifests, type Manifest } from "./manifests.ts";
import { describeMismatch, parseCluster } from "./objects.ts";

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

type Data = Readonly<Record<string, Uint8Array>>;

/**
 * Both hashes of every node group of the AntflyClusters in these files.
 * @throws UserError for files that cannot be used, and when there is no (such) AntflyCluster among them
 */
export async function hashesOfManifests(
  app: App,
  paths: readonly string[],
  options: ManifestHashOptions,
): Promise<GroupHash[]> {
  const manifests = await readManifests(app, paths);
  const namespaceOf = ({ object }: Manifest): string =>
    stringAt(object["metadata"], "namespace") ?? options.namespace ?? "default";
  const data = new Map<string, Data>();
  for (const manifest of manifests) {
    const kind = kindOf(manifest);
    if (kind !== "Secret" && kind !== "ConfigMap") continue;
    const name = stringAt(manifest.object["metadata"], "name");
    data.set(
      `${kind} ${namespaceOf(manifest)}/${name}`,
      kind === "Secret" ? secretData(app, manifest) : plainData(manifest, "data"),
    );
  }

  const clusters = manifests
    .filter((manifest) => kindOf(manifest) === "AntflyCluster")
    .map((manifest) => ({ manifest, cluster: parse(manifest) }));
  const chosen = clusters.filter(({ cluster }) => options.cluster === undefined || cluster.name === options.cluster);
  if (chosen.length === 0) {
    const names = clusters.map(({ cluster }) => cluster.name);
    const near = nearest(options.cluster ?? "", names);
    throw new UserError(
      "no-cluster",
      `the files hold no AntflyCluster${options.cluster === undefined ? "" : ` named ${options.cluster}`}`,
      near === undefined ? {} : { hint: `did you mean ${near}?` },
    );
  }
  return chosen.flatMap(({ manifest, cluster }) => {
    const namespace = namespaceOf(manifest);
    return cluster.groups.map(({ name: group, envFrom }): GroupHash => {
      const sources = envFrom.map((source) => sourceOf(source, namespace, data));
      const complete = options.assumeAbsent || sources.every((source) => source.data !== undefined);
      const content = complete ? contentHash(sources) : undefined;
      const configMapsKnown =
        options.assumeAbsent || sources.every((source) => source.kind === "Secret" || source.data !== undefined);
      const reference = configMapsKnown ? referenceHash(namespace, sources) : undefined;
      return {
        namespace,
        cluster: cluster.name,
        group,
        content: content ?? null,
        reference: reference ?? null,
        live: null,
        matches: "unknown",
      };
    });
  });
}

/** The kind, when it is that of Kubernetes or Antfly: another group may have a kind of the same name. */
function kindOf({ object }: Manifest): unknown {
  const { kind, apiVersion } = object;
  const wanted = kind === "AntflyCluster" ? "antfly.io/v1" : "v1";
  return apiVersion === undefined || apiVersion === wanted ? kind : undefined;
}

function sourceOf({ kind, name }: EnvFromSource, namespace: string, data: ReadonlyMap<string, Data>): HashedSource {
  return { kind, name, data: data.get(`${kind} ${namespace}/${name}`) };
}

function parse(manifest: Manifest): ReturnType<typeof parseCluster> {
  try {
    return parseCluster(manifest.object);
  } catch (error) {
    const mismatch = describeMismatch(error);
    if (mismatch === undefined) throw error;
    throw new UserError(
      "bad-manifest",
      `${describePlace(manifest)}: this AntflyCluster is not as expected: ${mismatch}`,
    );
  }
}

/** As the API server stores it: `stringData` is written over `data`. */
function secretData(app: App, manifest: Manifest): Data {
  const encoded = plainData(manifest, "data");
  const decoded = Object.entries(encoded).map(([key, value]) => {
    const text = Buffer.from(value)
      .toString("utf8")
      .replace(/[\r\n]/g, "");
    if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
      throw new UserError("bad-manifest", `${describePlace(manifest)}: data.${key} of this Secret is not base64`, {
        hint: "put plain text under stringData",
      });
    }
    return [key, Buffer.from(text, "base64")] as const;
  });
  const data = { ...Object.fromEntries(decoded), ...plainData(manifest, "stringData") };
  for (const value of Object.values(data)) app.redactor.watch(new Sensitive(value));
  return data;
}

function plainData(manifest: Manifest, field: "data" | "stringData"): Data {
  const raw = manifest.object[field] ?? {};
  if (typeof raw !== "object" || Array.isArray(raw))
    throw new UserError("bad-manifest", `${describePlace(manifest)}: ${field} is not a mapping`);
  const entries = Object.entries(raw as KubeObject).map(([key, value]) => {
    if (typeof value === "string") return [key, Buffer.from(value, "utf8")] as const;
    if (value === null) return [key, Buffer.alloc(0)] as const;
    throw new UserError("bad-manifest", `${describePlace(manifest)}: ${field}.${key} is not a string; quote it`);
  });
  return Object.fromEntries(entries);
}

function stringAt(object: unknown, key: string): string | undefined {
  const value = typeof object === "object" && object !== null ? (object as KubeObject)[key] : undefined;
  return typeof value === "string" ? value : undefined;
}
