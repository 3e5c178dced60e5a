import { HttpMethod } from "@kubernetes/client-node";

import { UserError } from "../domain/errors.ts";
import { isNamespaceName } from "../domain/names.ts";
import { SECRET, SERVICE_ACCOUNT, type ResourceType } from "../domain/resources.ts";
import { Sensitive } from "../domain/sensitive.ts";
import { printable } from "../domain/text.ts";
import { isPublicKey } from "../domain/values/public-keys.ts";
import { type Kube, type KubeObject, type KubeSelection, type SecretObject } from "../ports.ts";
import { dryRun, encode, FIELD_MANAGER, patchCall, pathOf } from "./kube-calls.ts";
import { notKubernetes } from "./kube-errors.ts";
import { listAll, type ListOptions } from "./kube-list.ts";
import { isObject, KubeTransport, type Surroundings } from "./kube-transport.ts";
import { selectKubeconfig, type SelectedConfig } from "./kubeconfig.ts";

/** @throws UserError when no kubeconfig, context or cluster can be chosen. */
export function connectKube(selection: KubeSelection, surroundings: Surroundings): Kube {
  const selected = selectKubeconfig(selection, surroundings.env);
  return new KubeAdapter(selected, selection, surroundings);
}

/** The Kubernetes port: paths and bodies of the calls. */
class KubeAdapter implements Kube {
  readonly context: string;
  readonly server: string;
  readonly clusterEntry: string;
  readonly namespace: string;
  readonly flags: readonly string[];
  readonly #transport: KubeTransport;
  readonly #redactor: Surroundings["redactor"];

  constructor(selected: SelectedConfig, selection: KubeSelection, surroundings: Surroundings) {
    this.context = selected.context.name;
    this.server = selected.server;
    this.clusterEntry = selected.cluster.name;
    this.namespace = selection.namespace ?? selected.context.namespace ?? "default";
    if (!isNamespaceName(this.namespace)) {
      throw new UserError("bad-namespace", `"${printable(this.namespace)}" cannot be the name of a namespace`);
    }
    this.flags = flagsOf(selection);
    this.#transport = new KubeTransport(selected, selection.timeoutMs, surroundings);
    this.#redactor = surroundings.redactor;
    // A Secret may hold these very words; hiding them would hide what everybody knows.
    for (const name of [this.context, this.namespace, FIELD_MANAGER]) this.#redactor.allow(name);
  }

  calls(): number {
    return this.#transport.calls;
  }

  async version(): Promise<{ gitVersion: string; minor: number }> {
    const what = "read the server's version";
    const body = await this.#transport.read({ path: "/version", what });
    const gitVersion = body["gitVersion"];
    const minor = Number.parseInt(String(body["minor"]), 10);
    if (typeof gitVersion !== "string" || Number.isNaN(minor)) throw notKubernetes("", what);
    return { gitVersion: printable(gitVersion), minor };
  }

  rules(namespace: string): Promise<KubeObject> {
    return this.#transport.read({
      method: HttpMethod.POST,
      path: "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
      what: "ask for one's own rights",
      body: { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace } },
    });
  }

  async servedVersions(group: string): Promise<readonly string[]> {
    const what = `ask which versions of ${group} are served`;
    const body = await this.#transport.read({ path: `/apis/${group}`, what });
    const versions = (Array.isArray(body["versions"]) ? body["versions"] : []).map(versionOf);
    const preferred = versionOf(body["preferredVersion"]);
    if (body["kind"] !== "APIGroup" || versions.length === 0) throw notKubernetes("", what);
    const all = [preferred, ...versions].filter((version) => version !== undefined);
    return [...new Set(all)];
  }

  holdsInFiles(): boolean {
    return false;
  }

  async get(type: ResourceType, namespace: string | undefined, name: string): Promise<KubeObject> {
    const what = `get ${type.kind} ${printable(name)}`;
    const body = await this.#transport.read({ path: pathOf(type, namespace, name), what });
    if (body["kind"] !== type.kind || !isObject(body["metadata"])) throw notKubernetes("", what);
    return body;
  }

  list(type: ResourceType, namespace: string | undefined, options: ListOptions = {}): Promise<readonly KubeObject[]> {
    return listAll(this.#transport, type, namespace, options);
  }

  async getSecret(namespace: string, name: string): Promise<SecretObject> {
    const what = `get Secret ${printable(name)}`;
    const body = await this.#transport.read({ path: pathOf(SECRET, namespace, name), what });
    if (body["kind"] !== "Secret") throw notKubernetes("", what);
    return this.#secretOf(body, what);
  }

  async listSecrets(namespace: string | undefined): Promise<readonly SecretObject[]> {
    const list = await this.list(SECRET, namespace);
    return list.map((object) => this.#secretOf(object, "list secrets"));
  }

  serverTime(): Date | undefined {
    return this.#transport.serverTime;
  }

  async metric(name: string): Promise<readonly string[]> {
    const text = await this.#transport.readText({
      path: "/metrics",
      what: "read the API server's metrics",
      accept: "text/plain",
    });
    // All others are counted as they come: there are some ten thousand lines.
    return text.split("\n").filter((line) => line.startsWith(name) && /^[{ ]/.test(line.slice(name.length)));
  }

  createSecret: Kube["createSecret"] = (namespace, name, { data, labels, annotations }, options) =>
    this.#transport.write({
      method: HttpMethod.POST,
      path: pathOf(SECRET, namespace),
      what: `create Secret ${name}`,
      query: { fieldManager: FIELD_MANAGER, ...dryRun(options) },
      body: {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name, namespace, labels, annotations },
        type: "Opaque",
        data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, encode(value)])),
      },
    });

  patchSecret: Kube["patchSecret"] = (namespace, name, { resourceVersion, set, remove }, options) => {
    const added = Object.entries(set).map(([key, value]) => [key, encode(value)] as const);
    // A merge patch takes null for a removal, and finds no fault with a Secret that has no data yet.
    const data = Object.fromEntries<string | null>([...added, ...remove.map((key) => [key, null] as const)]);
    return this.#transport.write(
      patchCall(SECRET, namespace, name, options, "application/merge-patch+json", {
        metadata: { resourceVersion },
        data,
      }),
    );
  };

  patch: Kube["patch"] = (type, namespace, name, operations, options) =>
    this.#transport.write(patchCall(type, namespace, name, options, "application/json-patch+json", operations));

  async delete(type: ResourceType, namespace: string, name: string, uid: string): Promise<void> {
    await this.#transport.write({
      method: HttpMethod.DELETE,
      path: pathOf(type, namespace, name),
      what: `delete ${type.kind} ${name}`,
      body: { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid } },
    });
  }

  apply: Kube["apply"] = (type, namespace, name, object, options) => {
    const call = patchCall(type, namespace, name, options, "application/apply-patch+yaml", object);
    return this.#transport.write({
      ...call,
      what: `apply ${type.kind} ${name}`,
      query: { ...call.query, force: "false" },
    });
  };

  async createToken(
    namespace: string,
    serviceAccount: string,
    audience: string,
    expirationSeconds: number,
  ): Promise<Sensitive> {
    const what = `create a token for ServiceAccount ${printable(serviceAccount)}`;
    const body = await this.#transport.read({
      method: HttpMethod.POST,
      path: `${pathOf(SERVICE_ACCOUNT, namespace, serviceAccount)}/token`,
      what,
      body: {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: { audiences: [audience], expirationSeconds },
      },
    });
    const token = (body["status"] as { token?: unknown } | undefined)?.token;
    if (typeof token !== "string" || token === "") throw notKubernetes("", what);
    const kept = new Sensitive(token);
    this.#redactor.watch(kept);
    return kept;
  }

  openIdConfiguration(): Promise<KubeObject> {
    return this.#transport.read({
      path: "/.well-known/openid-configuration",
      what: "read the issuer's discovery document",
    });
  }

  shielded<T>(work: () => Promise<T>): Promise<T> {
    return this.#transport.shielded(work);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #secretOf({ metadata, type, immutable, data }: KubeObject, what: string): SecretObject {
    if (!isObject(metadata) || (data !== undefined && data !== null && !isObject(data))) throw notKubernetes("", what);
    const values: Record<string, Sensitive> = {};
    for (const [key, encoded] of Object.entries(data ?? {})) {
      if (typeof encoded !== "string") throw notKubernetes("", what);
      values[key] = this.#keep(key, Buffer.from(encoded, "base64"));
    }
    return { metadata, type: typeof type === "string" ? type : "", immutable: immutable === true, data: values };
  }

  #keep(key: string, bytes: Uint8Array): Sensitive {
    const secret = new Sensitive(bytes);
    if (!isPublicKey(key)) this.#redactor.watch(secret);
    return secret;
  }
}

function versionOf(entry: unknown): string | undefined {
  const version = isObject(entry) ? entry["version"] : undefined;
  return typeof version === "string" ? printable(version) : undefined;
}

function flagsOf({ context, kubeconfig }: KubeSelection): string[] {
  return [
    ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]),
    ...(context === undefined ? [] : ["--context", context]),
  ];
}
