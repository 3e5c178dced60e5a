import type { IncomingMessage, ServerResponse } from "node:http";

import type { AnyObject } from "../follow.ts";
import { admitted } from "./admission.ts";
import type { Api } from "./api.ts";
import { now } from "./api.ts";
import { ApiError, badRequest, noSuchPath } from "./errors.ts";
import type { Fault, Faults, LoggedCall } from "./faults.ts";
import { apiVersionOf, type Kind } from "./kinds.ts";
import type { Writer } from "./managed-fields.ts";
import { allows, authorize, rulesFor, type User } from "./rbac.ts";
import { readRequest, type ApiRequest } from "./request.ts";
import { selects } from "./selectors.ts";
import type { TokenIssuer } from "./tokens.ts";

export interface ServerOptions {
  readonly gitVersion: string;
  readonly url: () => string;
  readonly adminToken: string;
  readonly issuer: TokenIssuer;
  readonly faults: Faults;
  readonly calls: LoggedCall[];
  /** Lines of `/metrics`. */
  readonly metrics: () => readonly string[];
}

interface Answer {
  readonly status: number;
  readonly body: AnyObject;
}

const ADMIN: User = { name: "admin", groups: ["system:masters", "system:authenticated"] };
const ANONYMOUS: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };
/** Kinds that answer to a POST without being stored. */
const REVIEWS: readonly Kind[] = ["SelfSubjectRulesReview", "SelfSubjectAccessReview"].map((kind) => ({
  group: "authorization.k8s.io",
  version: "v1",
  resource: `${kind.toLowerCase()}s`,
  kind,
  namespaced: false,
  subresources: [],
}));

/** A path below a group that nobody serves is answered with text, not with a Status. */
class UnknownGroup extends Error {}

/** Answers requests the way kube-apiserver does: who are you, may you, and then what you asked for. */
export class RequestHandler {
  readonly #api: Api;
  readonly #options: ServerOptions;
  readonly #watches = new Set<ServerResponse>();

  constructor(api: Api, options: ServerOptions) {
    this.#api = api;
    this.#options = options;
  }

  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const kinds = [...this.#api.kinds, ...REVIEWS];
    let call: LoggedCall | undefined;
    let fault: Fault | undefined;
    try {
      const request = await readRequest(message, kinds);
      const user = this.#authenticate(message);
      call = logged(request, user);
      this.#options.calls.push(call);
      fault = this.#options.faults.next(call);
      if (fault !== undefined && (await this.#spoil(fault, response, false))) return;
      const effective = this.#impersonated(message, user);
      authorize(this.#api.store, effective, request);
      if (request.verb === "watch" && request.kind !== undefined) {
        call.status = 200;
        this.#watch(request.kind, request, response);
        return;
      }
      if (request.kind === undefined && request.path === "/metrics") {
        call.status = 200;
        response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
        response.end(`${this.#options.metrics().join("\n")}\n`);
        return;
      }
      const answer = this.#dispatch(await this.#admit(request), effective);
      call.status = answer.status;
      if (fault !== undefined && (await this.#spoil(fault, response, true))) return;
      send(response, answer.status, answer.body, {}, fault?.kind === "half");
    } catch (error) {
      if (error instanceof UnknownGroup) {
        if (call !== undefined) call.status = 404;
        response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("404 page not found\n");
        return;
      }
      const refusal =
        error instanceof ApiError
          ? error
          : new ApiError(500, "InternalError", `the test server failed: ${String(error)}`);
      if (call !== undefined) call.status = refusal.code;
      send(response, refusal.code, refusal.toStatus(), refusal.headers);
    }
  }

  endWatches(): void {
    for (const response of this.#watches) response.destroy();
  }

  #authenticate(message: IncomingMessage): User {
    const { authorization } = message.headers;
    if (authorization === undefined) return ANONYMOUS;
    const token = authorization.replace(/^Bearer /, "");
    const user = token === this.#options.adminToken ? ADMIN : this.#options.issuer.userOf(token);
    if (user === undefined) throw new ApiError(401, "Unauthorized", "Unauthorized");
    return user;
  }

  #impersonated(message: IncomingMessage, user: User): User {
    const name = message.headers["impersonate-user"];
    if (typeof name !== "string") return user;
    const users: Kind = {
      group: "",
      version: "v1",
      resource: "users",
      kind: "User",
      namespaced: false,
      subresources: [],
    };
    authorize(this.#api.store, user, {
      verb: "impersonate",
      kind: users,
      subresource: "",
      namespace: "",
      name,
      path: "",
    });
    const group = message.headers["impersonate-group"];
    return { name, groups: [...(typeof group === "string" ? [group] : []), "system:authenticated"] };
  }

  async #admit(request: ApiRequest): Promise<ApiRequest> {
    const { kind, verb, subresource, namespace, body, dryRun } = request;
    if (kind === undefined || verb !== "create" || subresource !== "" || REVIEWS.includes(kind)) return request;
    return { ...request, body: await admitted(this.#api, kind, namespace, body, dryRun) };
  }

  #dispatch(request: ApiRequest, user: User): Answer {
    const { kind, verb, subresource } = request;
    if (kind === undefined) return { status: 200, body: this.#path(request) };
    if (kind.group === "authorization.k8s.io") return { status: 201, body: this.#review(request, user) };
    if (subresource !== "" && !kind.subresources.includes(subresource)) throw noSuchPath();
    const writer: Writer = {
      manager: request.manager,
      operation: "Update",
      subresource: "",
      apiVersion: apiVersionOf(kind),
      now: now(),
    };
    switch (verb) {
      case "get":
        return { status: 200, body: this.#shaped(request, this.#api.get(kind, request.namespace, request.name)) };
      case "list":
        return { status: 200, body: this.#list(kind, request) };
      case "create":
        return subresource === ""
          ? { status: 201, body: this.#api.create(kind, request.namespace, request.body, writer, request.dryRun) }
          : { status: 201, body: this.#createSubresource(kind, request) };
      case "update":
        return { status: 200, body: this.#api.update(kind, request, writer) };
      case "patch": {
        const { status, object } = this.#api.patch(kind, request, writer);
        return { status, body: object };
      }
      case "delete": {
        const last = this.#api.delete(kind, request.namespace, request.name, request.body, request.dryRun);
        const details = {
          name: request.name,
          ...(kind.group === "" ? {} : { group: kind.group }),
          kind: kind.resource,
          uid: last.metadata.uid,
        };
        const whole = kind.resource === "pods" || last.metadata.deletionTimestamp !== undefined;
        return {
          status: 200,
          body: whole ? last : { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details },
        };
      }
      default:
        throw new ApiError(
          405,
          "MethodNotAllowed",
          "the server does not allow this method on the requested resource",
          {},
        );
    }
  }

  #createSubresource(kind: Kind, { namespace, name, subresource, body, dryRun }: ApiRequest): AnyObject {
    const object = this.#api.get(kind, namespace, name);
    if (subresource === "token")
      return { ...body, metadata: { name, namespace }, status: this.#options.issuer.request(object, body?.spec, kind) };
    if (subresource === "binding") {
      const condition = { type: "PodScheduled", status: "True", lastTransitionTime: now() };
      const spec = { ...object.spec, nodeName: body.target.name };
      if (!dryRun)
        this.#api.store.put(kind, { ...object, spec, status: { ...object.status, conditions: [condition] } });
      return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success" };
    }
    this.#assertMayEvict(object);
    if (!dryRun) this.#api.delete(kind, namespace, name, body?.deleteOptions, false);
    return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success" };
  }

  /** A budget without room left refuses, and each eviction takes one place. */
  #assertMayEvict(pod: AnyObject): void {
    const budgets = this.#api.kind("poddisruptionbudgets");
    const budget = this.#api.store.list(budgets, pod.metadata.namespace).find((candidate) => {
      const wanted = Object.entries(candidate.spec.selector?.matchLabels ?? {});
      return wanted.every(([key, value]) => pod.metadata.labels?.[key] === value);
    });
    if (budget === undefined) return;
    const allowed = budget.status?.disruptionsAllowed ?? 0;
    if (allowed <= 0) {
      const causes = [
        {
          reason: "DisruptionBudget",
          message: `The disruption budget ${budget.metadata.name} needs ${budget.status?.desiredHealthy ?? 0} healthy pods and has ${budget.status?.currentHealthy ?? 0} currently`,
        },
      ];
      throw new ApiError(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", {
        causes,
      });
    }
    this.#api.store.put(budgets, { ...budget, status: { ...budget.status, disruptionsAllowed: allowed - 1 } });
  }

  #list(kind: Kind, request: ApiRequest): AnyObject {
    const all = this.#api.store
      .list(kind, request.namespace === "" ? undefined : request.namespace)
      .filter((object) => selects(object, request.query));
    const limit = Number(request.query.get("limit") ?? 0);
    const token = request.query.get("continue");
    const start = token === null || token === "" ? 0 : this.#offset(token);
    const page = limit > 0 ? all.slice(start, start + limit) : all.slice(start);
    const left = all.length - start - page.length;
    const metadata = {
      resourceVersion: String(this.#api.store.version),
      ...(left > 0
        ? {
            continue: Buffer.from(JSON.stringify({ start: start + page.length })).toString("base64url"),
            remainingItemCount: left,
          }
        : {}),
    };
    if (request.accept.includes("as=PartialObjectMetadataList")) {
      return { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1", metadata, items: page.map(partial) };
    }
    // Items of built-in kinds carry neither kind nor apiVersion in a list.
    const items = kind.schema === undefined ? page.map(({ kind: _, apiVersion: __, ...rest }) => rest) : page;
    return { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata, items };
  }

  #offset(token: string): number {
    try {
      return JSON.parse(Buffer.from(token, "base64url").toString("utf8")).start;
    } catch {
      throw badRequest("continue key is not valid: illegal base64 data at input byte 0");
    }
  }

  #shaped({ accept }: ApiRequest, object: AnyObject): AnyObject {
    return accept.includes("as=PartialObjectMetadata") ? partial(object) : object;
  }

  #review({ body, kind }: ApiRequest, user: User): AnyObject {
    if (kind?.kind === "SelfSubjectRulesReview") {
      const rules = rulesFor(this.#api.store, user, body.spec?.namespace ?? "");
      return {
        ...body,
        status: {
          resourceRules: rules.filter((rule) => rule.resources !== undefined),
          nonResourceRules: rules.filter((rule) => rule.nonResourceURLs !== undefined),
          incomplete: false,
        },
      };
    }
    const {
      verb,
      group = "",
      resource,
      namespace = "",
      name = "",
      subresource = "",
    } = body.spec?.resourceAttributes ?? {};
    const asked: Kind = { group, version: "v1", resource, kind: "", namespaced: true, subresources: [] };
    const allowed = rulesFor(this.#api.store, user, namespace).some((rule) =>
      allows(rule, { verb, kind: asked, subresource, namespace, name, path: "" }),
    );
    return { ...body, status: { allowed } };
  }

  #path({ path, accept }: ApiRequest): AnyObject {
    const { gitVersion, issuer, url } = this.#options;
    if (path === "/version") {
      const [major, minor] = gitVersion.slice(1).split(".");
      return { major, minor, gitVersion, platform: "linux/amd64" };
    }
    if (path === "/readyz" || path === "/livez" || path === "/healthz") return "ok";
    if (path === "/openid/v1/jwks") {
      if (!/jwk-set|\*\/\*/.test(accept)) throw new ApiError(406, "NotAcceptable", "406: Not Acceptable");
      return issuer.jwks();
    }
    if (path === "/.well-known/openid-configuration") return issuer.discovery(url());
    if (path === "/api") return { kind: "APIVersions", versions: ["v1"] };
    if (path === "/apis")
      return {
        kind: "APIGroupList",
        apiVersion: "v1",
        groups: [...new Set(this.#api.kinds.map((kind) => kind.group))]
          .filter((name) => name !== "")
          .map((name) => ({ name })),
      };
    const served = this.#group(path);
    if (served !== undefined) return served;
    const groupVersion = /^\/apis\/([^/]+\/[^/]+)$/.exec(path)?.[1] ?? (path === "/api/v1" ? "v1" : "");
    const kinds = this.#api.kinds.filter((kind) => apiVersionOf(kind) === groupVersion);
    if (kinds.length === 0) throw this.#isServedGroup(path) ? noSuchPath() : new UnknownGroup();
    return {
      kind: "APIResourceList",
      apiVersion: "v1",
      groupVersion,
      resources: kinds.map(({ resource, kind, namespaced }) => ({
        name: resource,
        kind,
        namespaced,
        verbs: ["get", "list", "watch", "create", "update", "patch", "delete"],
      })),
    };
  }

  /** Versions in Kubernetes' order of priority: stable ones first, the newest of them before the others. */
  #group(path: string): AnyObject | undefined {
    const name = /^\/apis\/([^/]+)\/?$/.exec(path)?.[1];
    const versions = [...new Set(this.#api.kinds.filter(({ group }) => group === name).map((kind) => kind.version))];
    if (name === undefined || versions.length === 0) return undefined;
    const entries = versions.sort(byPriority).map((version) => ({ groupVersion: `${name}/${version}`, version }));
    return { kind: "APIGroup", apiVersion: "v1", name, versions: entries, preferredVersion: entries[0] };
  }

  #isServedGroup(path: string): boolean {
    const group = /^\/apis\/([^/]+)\//.exec(path)?.[1];
    return path.startsWith("/api/v1") || this.#api.kinds.some((kind) => kind.group === group);
  }

  #watch(kind: Kind, request: ApiRequest, response: ServerResponse): void {
    const since = Number(request.query.get("resourceVersion") ?? this.#api.store.version);
    response.writeHead(200, { "content-type": "application/json", "transfer-encoding": "chunked" });
    response.flushHeaders();
    this.#watches.add(response);
    const stop = this.#api.store.subscribe(kind, since, ({ type, object }) => {
      if (request.namespace !== "" && object.metadata.namespace !== request.namespace) return;
      if (selects(object, request.query)) response.write(`${JSON.stringify({ type, object })}\n`);
    });
    response.on("close", () => {
      stop();
      this.#watches.delete(response);
    });
  }

  /** Carries a fault out; true when the answer has been dealt with. `done`: the effect has taken place. */
  async #spoil(fault: Fault, response: ServerResponse, done: boolean): Promise<boolean> {
    switch (fault.kind) {
      case "delay":
        if (!done) await new Promise((resolve) => setTimeout(resolve, fault.ms));
        return false;
      case "half":
        return false;
      case "reset":
      case "hang":
        if (done !== (fault.after ?? false)) return false;
        if (fault.kind === "reset") response.socket?.destroy();
        return true;
      case "status": {
        const { code, reason = "InternalError", message = "injected by the test", retryAfter } = fault;
        send(
          response,
          code,
          new ApiError(code, reason, message).toStatus(),
          retryAfter === undefined ? {} : { "retry-after": String(retryAfter) },
        );
        return true;
      }
      default:
        response
          .writeHead(fault.code ?? 200, { "content-type": fault.contentType ?? "application/json" })
          .end(fault.body);
        return true;
    }
  }
}

/** `v2`, `v1`, `v1beta2`, `v1beta1`, `v1alpha1` (apimachinery, version.CompareKubeAwareVersionStrings). */
function byPriority(a: string, b: string): number {
  const weight = (version: string): number[] => {
    const [, major = "0", stage = "", minor = "0"] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? [];
    return [stage === "" ? 2 : stage === "beta" ? 1 : 0, Number(major), Number(minor)];
  };
  const [left, right] = [weight(a), weight(b)];
  const at = left.findIndex((part, i) => part !== right[i]);
  return at < 0 ? 0 : (right[at] ?? 0) - (left[at] ?? 0);
}

function logged(
  { verb, kind, subresource, namespace, name, method, path, dryRun }: ApiRequest,
  user: User,
): LoggedCall {
  return {
    verb,
    resource: kind?.resource ?? "",
    subresource,
    namespace,
    name,
    method,
    path,
    user: user.name,
    dryRun,
    status: 0,
  };
}

function partial({ metadata }: AnyObject): AnyObject {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
}

function send(
  response: ServerResponse,
  status: number,
  body: AnyObject,
  headers: Readonly<Record<string, string>> = {},
  half = false,
): void {
  const text = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  response.writeHead(status, { "content-type": "application/json", "content-length": text.length, ...headers });
  if (!half) {
    response.end(text);
    return;
  }
  response.write(text.subarray(0, text.length / 2), () => response.socket?.destroy());
}
