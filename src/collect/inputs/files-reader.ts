import type { Redactor } from "../../domain/redact.ts";
import { SECRET, type ResourceType } from "../../domain/resources.ts";
import { KubeError, type KubeObject, type ListOptions, type Reader, type SecretObject } from "../../ports.ts";
import { isMapping, refOf, type ManifestDocument } from "./documents.ts";
import { fromExternalSecret, fromSealedSecret, secretOf, targetName } from "./manifest-secrets.ts";

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

/** Objects out of manifests, as the API server would give them after all were applied. */
export class FilesReader implements Reader {
  readonly #documents: readonly ManifestDocument[];
  readonly #options: FilesReaderOptions;

  constructor(documents: readonly ManifestDocument[], options: FilesReaderOptions) {
    this.#documents = documents;
    this.#options = options;
  }

  async version(): Promise<{ gitVersion: string; minor: number }> {
    const { kubernetesMinor: minor } = this.#options;
    return { gitVersion: `v1.${minor}`, minor };
  }

  async rules(): Promise<KubeObject> {
    throw new KubeError("not-given", "files say nothing of one's own rights");
  }

  async get(type: ResourceType, namespace: string | undefined, name: string): Promise<KubeObject> {
    const found = this.find(type, namespace, name);
    if (found === undefined) throw this.#missing(type.kind, name);
    return found.object;
  }

  async list(
    type: ResourceType,
    namespace: string | undefined,
    options: ListOptions = {},
  ): Promise<readonly KubeObject[]> {
    const all = this.#documents.filter(
      (document) =>
        isOf(document.object, type) && (namespace === undefined || this.#namespaceOf(document) === namespace),
    );
    if (all.length === 0 && !GIVEN.has(type.kind) && type !== SECRET)
      throw new KubeError("not-given", `the files hold no ${type.kind}`);
    const wanted = options.fieldSelector?.replace(/^metadata\.name=/, "");
    return all
      .filter((document) => wanted === undefined || refOf(document.object).name === wanted)
      .map((document) => this.#placed(document));
  }

  async getSecret(namespace: string, name: string): Promise<SecretObject> {
    const plain = this.find(SECRET, namespace, name);
    if (plain !== undefined) return secretOf(plain.object, this.#options.redactor);
    const maker = this.#documents.find(
      (document) =>
        ["ExternalSecret", "SealedSecret"].includes(refOf(document.object).kind) &&
        targetName(document.object) === name &&
        this.#namespaceOf(document) === namespace,
    );
    if (maker === undefined) throw this.#missing("Secret", name);
    return refOf(maker.object).kind === "SealedSecret"
      ? fromSealedSecret(maker.object)
      : fromExternalSecret(maker.object, refOf(maker.object).name);
  }

  async listSecrets(namespace: string | undefined): Promise<readonly SecretObject[]> {
    const documents = this.#documents.filter(
      (document) =>
        isOf(document.object, SECRET) && (namespace === undefined || this.#namespaceOf(document) === namespace),
    );
    return documents.map((document) => secretOf(this.#placed(document), this.#options.redactor));
  }

  serverTime(): undefined {
    return undefined;
  }

  /** The document of an object, if it is among the files. */
  find(
    type: Pick<ResourceType, "kind" | "group">,
    namespace: string | undefined,
    name: string,
  ): ManifestDocument | undefined {
    return this.#documents.findLast(
      (document) =>
        isOf(document.object, type) &&
        refOf(document.object).name === name &&
        (namespace === undefined || this.#namespaceOf(document) === namespace),
    );
  }

  #namespaceOf(document: ManifestDocument): string {
    return refOf(document.object).namespace ?? this.#options.namespace;
  }

  #placed(document: ManifestDocument): KubeObject {
    const metadata = isMapping(document.object["metadata"]) ? document.object["metadata"] : {};
    return { ...document.object, metadata: { ...metadata, namespace: this.#namespaceOf(document) } };
  }

  #missing(kind: string, name: string): KubeError {
    return this.#options.assumeAbsent
      ? new KubeError("not-found", `${kind} ${name} is not among the files`, 404)
      : new KubeError("not-given", `${kind} ${name} is not among the files; --assume-absent takes it for missing`);
  }
}

/** The kind, of Kubernetes' or Antfly's own group: another group may have a kind of the same name. */
function isOf(object: KubeObject, { kind, group }: Pick<ResourceType, "kind" | "group">): boolean {
  if (object["kind"] !== kind) return false;
  const { apiVersion } = object;
  return apiVersion === undefined || (typeof apiVersion === "string" && groupOf(apiVersion) === group);
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
}
