import { setTimeout as delay } from "node:timers/promises";

import { createConfiguration, HttpMethod, RequestContext } from "@kubernetes/client-node";
import pRetry from "p-retry";

import { UserError } from "../domain/errors.ts";
import type { JsonPatchOperation } from "../domain/plan.ts";
import type { Redactor } from "../domain/redact.ts";
import { SECRET, type ResourceType } from "../domain/resources.ts";
import { Sensitive } from "../domain/sensitive.ts";
import { printable } from "../domain/text.ts";
import { KubeError, type Kube, type KubeObject, type KubeSelection, type SecretObject } from "../ports.ts";
import { explainFailure, explainStatus, isCut, notKubernetes } from "./kube-errors.ts";
import { selectKubeconfig, type SelectedConfig } from "./kubeconfig.ts";

export const FIELD_MANAGER = "antfly-creds";
const PAGE = "500";
const RETRIES = 3;
const LONGEST_WAIT_MS = 5_000;
const METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/** Names whose values are no secrets; replacing them everywhere would black out ordinary words. */
const PUBLIC_KEYS = /^(AWS_(DEFAULT_)?REGION|AWS_ENDPOINT_URL(_S3)?)$/;

interface Call {
  readonly method: HttpMethod;
  readonly path: string;
  /** What the call is for, in words that stand in an error message. */
  readonly what: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
}

interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly redactor: Redactor;
  /** Aborts reads; a write that was sent is always waited for. */
  readonly signal: AbortSignal;
}

/** @throws UserError when no kubeconfig, context or cluster can be chosen. */
export function connectKube(selection: KubeSelection, surroundings: Surroundings): Kube {
  const selected = selectKubeconfig(selection, surroundings.env);
  return new KubeAdapter(selected, selection, surroundings);
}

/**
 * The Kubernetes port over client-node's own request, authentication and transport parts. Answers stay plain JSON:
 * the typed models drop fields they do not know.
 */
class KubeAdapter implements Kube {
  readonly context: string;
  readonly namespace: string;
  readonly flags: readonly string[];
  readonly #selected: SelectedConfig;
  readonly #timeoutMs: number;
  readonly #surroundings: Surroundings;
  readonly #http = createConfiguration().httpApi;
  #dispatcher: ReturnType<RequestContext["getDispatcher"]>;
  #authenticated: Promise<void> | undefined;
  #calls = 0;

  constructor(selected: SelectedConfig, selection: KubeSelection, surroundings: Surroundings) {
    this.context = selected.context.name;
    this.namespace = selection.namespace ?? selected.context.namespace ?? "default";
    this.flags = flagsOf(selection);
    this.#selected = selected;
    this.#timeoutMs = selection.timeoutMs;
    this.#surroundings = surroundings;
    for (const { token, password } of selected.config.users) {
      for (const secret of [token, password]) if (secret) surroundings.redactor.watch(new Sensitive(secret));
    }
  }

  calls(): number {
    return this.#calls;
  }

  async version(): Promise<{ gitVersion: string; minor: number }> {
    const body = await this.#read({ path: "/version", what: "read the server's version" });
    const gitVersion = body["gitVersion"];
    const minor = Number.parseInt(String(body["minor"]), 10);
    if (typeof gitVersion !== "string" || Number.isNaN(minor)) throw notKubernetes("", "read the server's version");
    return { gitVersion: printable(gitVersion), minor };
  }

  rules(namespace: string): Promise<KubeObject> {
    return this.#read({
      method: HttpMethod.POST,
      path: "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
      what: "ask for one's own rights",
      body: { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace } },
    });
  }

  async get(type: ResourceType, namespace: string | undefined, name: string): Promise<KubeObject> {
    const what = `get ${type.kind} ${name}`;
    const body = await this.#read({ path: pathOf(type, namespace, name), what });
    if (body["kind"] !== type.kind) throw notKubernetes("", what);
    return body;
  }

  async list(
    type: ResourceType,
    namespace: string | undefined,
    options: { labelSelector?: string; fieldSelector?: string; metadataOnly?: boolean } = {},
  ): Promise<readonly KubeObject[]> {
    const what = `list ${type.resource}`;
    const query: Record<string, string> = { limit: PAGE };
    if (options.labelSelector !== undefined) query["labelSelector"] = options.labelSelector;
    if (options.fieldSelector !== undefined) query["fieldSelector"] = options.fieldSelector;
    const items: KubeObject[] = [];
    let more: string | undefined;
    do {
      const page = await this.#read({
        path: pathOf(type, namespace),
        what,
        query: more === undefined ? query : { ...query, continue: more },
        ...(options.metadataOnly === true ? { accept: METADATA_LIST } : {}),
      });
      const found = page["items"];
      const wanted = options.metadataOnly === true ? "PartialObjectMetadataList" : `${type.kind}List`;
      if (page["kind"] !== wanted || (found !== null && !Array.isArray(found))) throw notKubernetes("", what);
      items.push(...((found ?? []) as KubeObject[]));
      const next = (page["metadata"] as { continue?: unknown } | undefined)?.continue;
      more = typeof next === "string" && next !== "" ? next : undefined;
    } while (more !== undefined);
    return items;
  }

  async getSecret(namespace: string, name: string): Promise<SecretObject> {
    const what = `get Secret ${name}`;
    const body = await this.#read({ path: pathOf(SECRET, namespace, name), what });
    const { metadata, type, immutable, data } = body;
    if (body["kind"] !== "Secret" || !isObject(metadata) || (data !== undefined && !isObject(data)))
      throw notKubernetes("", what);
    const values: Record<string, Sensitive> = {};
    for (const [key, encoded] of Object.entries(data ?? {})) {
      if (typeof encoded !== "string") throw notKubernetes("", what);
      values[key] = this.#keep(key, Buffer.from(encoded, "base64"));
    }
    return { metadata, type: typeof type === "string" ? type : "", immutable: immutable === true, data: values };
  }

  createSecret: Kube["createSecret"] = (namespace, name, { data, labels, annotations }, options) =>
    this.#write({
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
    const operations: JsonPatchOperation[] = [
      { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
    ];
    for (const [key, value] of Object.entries(set))
      operations.push({ op: "add", path: `/data/${pointer(key)}`, value: encode(value) });
    for (const key of remove) operations.push({ op: "remove", path: `/data/${pointer(key)}` });
    return this.patch(SECRET, namespace, name, operations, options);
  };

  patch: Kube["patch"] = (type, namespace, name, operations, options) =>
    this.#write({
      method: HttpMethod.PATCH,
      path: pathOf(type, namespace, name),
      what: `patch ${type.kind} ${name}`,
      query: { fieldManager: FIELD_MANAGER, ...dryRun(options) },
      body: operations,
      contentType: "application/json-patch+json",
    });

  async delete(type: ResourceType, namespace: string, name: string, uid: string): Promise<void> {
    await this.#write({
      method: HttpMethod.DELETE,
      path: pathOf(type, namespace, name),
      what: `delete ${type.kind} ${name}`,
      body: { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid } },
    });
  }

  async close(): Promise<void> {
    // Connections that break while they are being closed change nothing.
    await this.#dispatcher?.close().catch(() => {});
  }

  #keep(key: string, bytes: Uint8Array): Sensitive {
    const secret = new Sensitive(bytes);
    if (!PUBLIC_KEYS.test(key)) this.#surroundings.redactor.watch(secret);
    return secret;
  }

  /** Reads are repeated where that can help: throttled, a server error, a cut connection. Never a refusal. */
  #read(call: Omit<Call, "method"> & { method?: HttpMethod }): Promise<KubeObject> {
    const deadline = AbortSignal.any([AbortSignal.timeout(this.#timeoutMs), this.#surroundings.signal]);
    const attempt = (): Promise<KubeObject> => this.#send({ method: HttpMethod.GET, ...call }, deadline);
    // When the deadline comes between two tries, what the server said last is the reason, not the deadline.
    let refusal: unknown;
    return pRetry(attempt, {
      retries: RETRIES,
      minTimeout: 100,
      factor: 3,
      randomize: true,
      signal: deadline,
      shouldRetry: ({ error }) => {
        refusal = error;
        return isWorthRetrying(error);
      },
      onFailedAttempt: async ({ error }) => {
        if (error instanceof Throttled)
          await delay(Math.min(error.retryAfterMs, LONGEST_WAIT_MS), undefined, { signal: deadline });
      },
    }).catch((error: unknown) => {
      if (this.#surroundings.signal.aborted) throw new UserError("interrupted", "interrupted", { exit: 130 });
      throw explainFailure(refusal ?? error, this.#selected.server, this.#timeoutMs);
    });
  }

  /** Sent once: whether a write that got no answer took effect is not known. */
  async #write(call: Call): Promise<KubeObject> {
    try {
      return await this.#send(call, AbortSignal.timeout(this.#timeoutMs));
    } catch (error) {
      throw explainFailure(error, this.#selected.server, this.#timeoutMs);
    }
  }

  async #send(call: Call, signal: AbortSignal): Promise<KubeObject> {
    const request = await this.#prepare(call, signal);
    this.#calls += 1;
    const response = await this.#http.send(request).toPromise();
    const text = await response.body.text();
    const body = parse(text);
    if (response.httpStatusCode >= 400) {
      const error = explainStatus(response.httpStatusCode, text, body, call.what);
      const after = Number.parseInt(response.headers["retry-after"] ?? "", 10);
      throw error.failure === "throttled" && after > 0 ? new Throttled(error, after * 1000) : error;
    }
    if (!isObject(body)) throw notKubernetes(text, call.what);
    return body;
  }

  async #prepare(call: Call, signal: AbortSignal): Promise<RequestContext> {
    const url = new URL(this.#selected.server + call.path);
    for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
    const request = new RequestContext(url.toString(), call.method);
    request.setHeaderParam("Accept", call.accept ?? "application/json");
    request.setHeaderParam("User-Agent", FIELD_MANAGER);
    const { impersonateGroup } = this.#selected;
    if (impersonateGroup !== undefined) request.setHeaderParam("Impersonate-Group", impersonateGroup);
    if (call.body !== undefined) {
      request.setHeaderParam("Content-Type", call.contentType ?? "application/json");
      request.setBody(JSON.stringify(call.body));
    }
    request.setSignal(signal);
    await this.#authenticate(request);
    return request;
  }

  /**
   * client-node makes a new connection pool for each request and runs an exec plugin once per parallel request: the
   * first pool is kept for all, and the first authentication is awaited before another begins.
   */
  async #authenticate(request: RequestContext): Promise<void> {
    const { config } = this.#selected;
    if (this.#authenticated === undefined) {
      this.#authenticated = config.applySecurityAuthentication(request);
      await this.#authenticated;
    } else {
      await this.#authenticated;
      await config.applySecurityAuthentication(request);
    }
    this.#dispatcher ??= request.getDispatcher();
    if (this.#dispatcher !== undefined) request.setDispatcher(this.#dispatcher);
  }
}

function flagsOf({ context, kubeconfig }: KubeSelection): string[] {
  return [
    ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]),
    ...(context === undefined ? [] : ["--context", context]),
  ];
}

/** A refusal with the time after which the server wants to be asked again. */
class Throttled extends KubeError {
  readonly retryAfterMs: number;

  constructor(error: KubeError, retryAfterMs: number) {
    super(error.failure, error.message, error.status);
    this.retryAfterMs = retryAfterMs;
  }
}

function isWorthRetrying(error: unknown): boolean {
  if (error instanceof KubeError) return error.failure === "throttled" || error.failure === "server-error";
  return isCut(error);
}

function pathOf(type: ResourceType, namespace: string | undefined, name?: string): string {
  const api = type.group === "" ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  const last = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  return `${api}${scope}/${type.resource}${last}`;
}

function encode(value: Sensitive): string {
  return Buffer.from(value.reveal()).toString("base64");
}

/** One token of a JSON pointer (RFC 6901). */
function pointer(token: string): string {
  return token.replaceAll("~", "~0").replaceAll("/", "~1");
}

function dryRun(options: { dryRun: boolean }): Record<string, string> {
  return options.dryRun ? { dryRun: "All" } : {};
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is KubeObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
