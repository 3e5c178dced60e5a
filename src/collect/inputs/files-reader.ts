import type { Ref } from "../../domain/finding.ts";
import type { Redactor } from "../../domain/redact.ts";
import { SECRET, type ResourceType } from "../../domain/resources.ts";
import { KubeError, type KubeObject, type ListOptions, type Reader, type SecretObject } from "../../ports.ts";
import { isMapping, refOf, type ManifestDocument } from "./documents.ts";
import { secretOf } from "./manifest-secrets.ts";
import { madeSecret, makes, MAKERS } from "./secret-makers.ts";

export interface FilesReaderOptions {
  /** Namespace of objects that name none. */
  readonly namespace: string;
  /** What is not in the files does not exist; otherwise it is not known. */
  readonly assumeAbsent: boolean;
  /** Minor version of Kubernetes 1.x that the manifests are meant for. */
  readonly kubernetesMinor: number;
  readonly redactor: Redactor;
}

/** The newest rules, where nobody says for which version the manifests are. */
export const NEWEST_MINOR = 36;

/** Kinds of which files can hold all there is; of others, such as Pods, they say nothing. */
const GIVEN = new Set(["AntflyCluster", "AntflyBackup", "AntflyRestore"]);

/** Kinds that are in no namespace, whatever their manifest says. */
const OF_NO_NAMESPACE = new Set([
  "ClusterExternalSecret",
  "ClusterRole",
  "ClusterRoleBinding",
  "ClusterSecretStore",
  "CustomResourceDefinition",
  "Namespace",
  "Node",
]);

/** A document and its object with the namespace that it will be in; empty for kinds that are in none. */
interface Placed {
  readonly document: ManifestDocument;
  readonly object: KubeObject;
  readonly namespace: string;
  readonly name: string;
}

/** Objects out of manifests, as the API server would give them after all were applied. */
export class FilesReader implements Reader {
  readonly #byKind = new Map<string, Placed[]>();
  readonly #secrets = new Map<KubeObject, SecretObject>();
  readonly #options: FilesReaderOptions;

  constructor(documents: readonly ManifestDocument[], options: FilesReaderOptions) {
    this.#options = options;
    for (const document of documents) {
      const { kind, name, namespace: own = options.namespace } = refOf(document.object);
      const namespace = OF_NO_NAMESPACE.has(kind) ? "" : own;
      const { namespace: _, ...metadata } = isMapping(document.object["metadata"]) ? document.object["metadata"] : {};
      const object = { ...document.object, metadata: { ...metadata, ...(namespace === "" ? {} : { namespace }) } };
      this.#byKind.set(kind, [...(this.#byKind.get(kind) ?? []), { document, object, namespace, name }]);
    }
  }

  async version(): Promise<{ gitVersion: string; minor: number }> {
    const { kubernetesMinor: minor } = this.#options;
    return { gitVersion: `v1.${minor}`, minor };
  }

  async rules(): Promise<KubeObject> {
    throw new KubeError("not-given", "files say nothing of one's own rights");
  }

  async servedVersions(group: string): Promise<readonly string[]> {
    throw new KubeError("not-given", `files do not say which versions of ${group} the cluster serves`);
  }

  holdsInFiles(kind: string): boolean {
    return this.#byKind.has(kind);
  }

  async get(type: ResourceType, namespace: string | undefined, name: string): Promise<KubeObject> {
    const found = this.#find(type, namespace, name);
    if (found === undefined) throw this.#missing(type.kind, name);
    return found.object;
  }

  async list(
    type: ResourceType,
    namespace: string | undefined,
    options: ListOptions = {},
  ): Promise<readonly KubeObject[]> {
    const all = this.#all(type, namespace);
    if (all.length === 0 && !GIVEN.has(type.kind) && type !== SECRET)
      throw new KubeError("not-given", `the files hold no ${type.kind}`);
    const wanted = options.fieldSelector?.replace(/^metadata\.name=/, "");
    return all
      .filter(
        ({ name, object }) => (wanted === undefined || name === wanted) && hasLabels(object, options.labelSelector),
      )
      .map(({ object }) => object);
  }

  async getSecret(namespace: string, name: string): Promise<SecretObject> {
    const plain = this.#find(SECRET, namespace, name);
    if (plain !== undefined) return this.#secretOf(plain.object);
    const maker = this.#makerOf(namespace, name);
    if (maker === undefined) throw this.#missing("Secret", name);
    return madeSecret(maker.object, namespace, name);
  }

  async listSecrets(namespace: string | undefined): Promise<readonly SecretObject[]> {
    return this.#all(SECRET, namespace).map(({ object }) => this.#secretOf(object));
  }

  serverTime(): undefined {
    return undefined;
  }

  async metric(): Promise<readonly string[]> {
    throw new KubeError("not-given", "files say nothing of the API server's metrics");
  }

  /** The document that an object is written in; of a Secret, also the one that another controller makes it of. */
  documentOf({ kind, namespace, name }: Ref): ManifestDocument | undefined {
    const place = OF_NO_NAMESPACE.has(kind) ? "" : (namespace ?? this.#options.namespace);
    const found = this.#byKind.get(kind)?.findLast((one) => one.name === name && one.namespace === place);
    return (found ?? (kind === "Secret" ? this.#makerOf(place, name) : undefined))?.document;
  }

  /** Namespaces that the files put something into. */
  namespaces(): string[] {
    const all = [...this.#byKind.values()].flat().map(({ namespace }) => namespace);
    return [...new Set(all)].filter((namespace) => namespace !== "");
  }

  /** Each is decoded once, however many AntflyClusters there are. */
  #secretOf(object: KubeObject): SecretObject {
    const secret = this.#secrets.get(object) ?? secretOf(object, this.#options.redactor);
    this.#secrets.set(object, secret);
    return secret;
  }

  #all(type: ResourceType, namespace: string | undefined): Placed[] {
    const all = this.#byKind.get(type.kind) ?? [];
    return all.filter((one) => isOf(one.object, type) && (namespace === undefined || one.namespace === namespace));
  }

  #find(type: ResourceType, namespace: string | undefined, name: string): Placed | undefined {
    return this.#all(type, namespace).findLast((one) => one.name === name);
  }

  #makerOf(namespace: string, name: string): Placed | undefined {
    const makers = MAKERS.flatMap((kind) => this.#byKind.get(kind) ?? []);
    return makers.find(
      (one) => (one.namespace === "" || one.namespace === namespace) && makes(one.object, namespace, name),
    );
  }

  #missing(kind: string, name: string): KubeError {
    return this.#options.assumeAbsent
      ? new KubeError("not-found", `${kind} ${name} is not among the files`, 404)
      : new KubeError("not-given", `${kind} ${name} is not among the files; --assume-absent takes it for missing`);
  }
}

/** The kind, of Kubernetes' or Antfly's own group: another group may have a kind of the same name. */
function isOf(object: KubeObject, { group }: ResourceType): boolean {
  const { apiVersion } = object;
  return apiVersion === undefined || (typeof apiVersion === "string" && groupOf(apiVersion) === group);
}

/** `a=b,c=d`: what this tool asks for. */
function hasLabels(object: KubeObject, selector: string | undefined): boolean {
  const metadata = isMapping(object["metadata"]) ? object["metadata"] : {};
  const labels = isMapping(metadata["labels"]) ? metadata["labels"] : {};
  return (selector?.split(",") ?? []).every((part) => {
    const [key = "", value] = part.split("=");
    return labels[key] === value;
  });
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
}
