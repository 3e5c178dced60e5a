import type { RequestOptions } from "node:https";
import { setTimeout as delay } from "node:timers/promises";

import { createConfiguration, HttpMethod, RequestContext } from "@kubernetes/client-node";
import pRetry from "p-retry";
import { EnvHttpProxyAgent } from "undici";

import { interrupted } from "../domain/errors.ts";
import type { Redactor } from "../domain/redact.ts";
import { Sensitive } from "../domain/sensitive.ts";
import { KubeError, type KubeObject } from "../ports.ts";
import { orAborted } from "./abort.ts";
import { ExecPluginAuth } from "./exec-plugin.ts";
import { explainFailure, explainStatus, isCut, notKubernetes } from "./kube-errors.ts";
import type { SelectedConfig } from "./kubeconfig.ts";

const USER_AGENT = "antfly-creds";
const RETRIES = 3;
const LONGEST_WAIT_MS = 5_000;

/** What every API server has: that it is not there is said by something in front of it. */
const ALWAYS_SERVED =
  /^\/(version|api\/v1\/(namespaces\/[^/]+\/)?(pods|secrets|configmaps|serviceaccounts)|apis\/(apps|batch|[a-z.]+\.k8s\.io)\/v1\/(namespaces\/[^/]+\/)?[a-z]+)$/;

export interface Call {
  readonly method?: HttpMethod;
  readonly path: string;
  /** What the call is for, in words that stand in an error message. */
  readonly what: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly redactor: Redactor;
  /** Aborts reads; a write that was sent is always waited for. */
  readonly signal: AbortSignal;
}

/**
 * Sends calls over client-node's own request, authentication and transport parts. Answers stay plain JSON: the typed
 * models drop fields they do not know.
 */
export class KubeTransport {
  readonly #selected: SelectedConfig;
  readonly #timeoutMs: number;
  readonly #surroundings: Surroundings;
  readonly #http = createConfiguration().httpApi;
  #dispatcher: ReturnType<RequestContext["getDispatcher"]>;
  #authenticated: Promise<void> | undefined;
  #shields = 0;
  calls = 0;
  /** The server's clock in its newest answer. */
  serverTime: Date | undefined;

  constructor(selected: SelectedConfig, timeoutMs: number, surroundings: Surroundings) {
    this.#selected = selected;
    this.#timeoutMs = timeoutMs;
    this.#surroundings = surroundings;
    const { config, cluster, plugin } = selected;
    for (const { token, password } of config.users) for (const secret of [token, password]) this.#watch(secret);
    if (plugin !== undefined)
      config.addAuthenticator(new ExecPluginAuth(plugin, cluster, { timeoutMs, ...surroundings }));
  }

  /** Reads are repeated where that can help: throttled, a server error, a cut connection. Never a refusal. */
  read(call: Call): Promise<KubeObject> {
    return this.#read((signal) => this.#send(call, signal));
  }

  /** As `read`, where the answer is text and no JSON. */
  readText(call: Call): Promise<string> {
    return this.#read(async (signal) => (await this.#exchange(call, signal)).text);
  }

  #read<T>(send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const { signal } = this.#surroundings;
    const deadline = this.#shields > 0 ? timeout : AbortSignal.any([timeout, signal]);
    return this.#tried(() => send(deadline), deadline, isWorthRetrying).catch((error: unknown) => {
      if (deadline.aborted && !timeout.aborted) throw interrupted("interrupted");
      throw error;
    });
  }

  /** Sent once: whether a write that got no answer took effect is not known. Only one that was throttled was not looked at. */
  write(call: Call): Promise<KubeObject> {
    const deadline = AbortSignal.timeout(this.#timeoutMs);
    return this.#tried(() => this.#send(call, deadline), deadline, isThrottled);
  }

  /** Work that is not to be cut short: an interruption does not reach the reads in it. */
  async shielded<T>(work: () => Promise<T>): Promise<T> {
    this.#shields += 1;
    try {
      return await work();
    } finally {
      this.#shields -= 1;
    }
  }

  async close(): Promise<void> {
    // Connections that break while they are being closed change nothing.
    await this.#dispatcher?.close().catch(() => {});
  }

  async #tried<T>(
    attempt: () => Promise<T>,
    deadline: AbortSignal,
    isWorthIt: (error: unknown) => boolean,
  ): Promise<T> {
    // When the deadline comes between two tries, what the server said last is the reason, not the deadline.
    let refusal: unknown;
    try {
      return await pRetry(attempt, {
        retries: RETRIES,
        minTimeout: 100,
        factor: 3,
        randomize: true,
        signal: deadline,
        shouldRetry: ({ error }) => isWorthIt(error),
        onFailedAttempt: async ({ error }) => {
          if (isWorthIt(error)) refusal = error;
          if (error instanceof Throttled)
            await delay(Math.min(error.retryAfterMs, LONGEST_WAIT_MS), undefined, { signal: deadline });
        },
      });
    } catch (error) {
      throw explainFailure(refusal ?? error, this.#selected, this.#timeoutMs);
    }
  }

  async #send(call: Call, signal: AbortSignal): Promise<KubeObject> {
    const { text, body } = await this.#exchange(call, signal);
    if (!isObject(body)) throw notKubernetes(text, call.what);
    return body;
  }

  async #exchange(call: Call, signal: AbortSignal): Promise<{ readonly text: string; readonly body: unknown }> {
    const request = await orAborted(signal, this.#prepare(call, signal));
    this.calls += 1;
    const response = await this.#http.send(request).toPromise();
    const time = Date.parse(response.headers["date"] ?? "");
    if (!Number.isNaN(time)) this.serverTime = new Date(time);
    const text = await response.body.text();
    const body = parse(text);
    if (response.httpStatusCode >= 400) {
      const error = explainStatus(response.httpStatusCode, text, body, call.what, this.#surroundings.redactor);
      if (error.failure === "not-served" && ALWAYS_SERVED.test(call.path)) throw notKubernetes(text, call.what);
      const after = Number.parseInt(response.headers["retry-after"] ?? "", 10);
      throw error.failure === "throttled" && after > 0 ? new Throttled(error, after * 1000) : error;
    }
    return { text, body };
  }

  async #prepare(call: Call, signal: AbortSignal): Promise<RequestContext> {
    const url = new URL(this.#selected.server + call.path);
    for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
    const request = new RequestContext(url.toString(), call.method ?? HttpMethod.GET);
    request.setHeaderParam("Accept", call.accept ?? "application/json");
    request.setHeaderParam("User-Agent", USER_AGENT);
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
      this.#authenticated = this.#authenticateFirst(request);
      await this.#authenticated;
    } else {
      await this.#authenticated;
      await config.applySecurityAuthentication(request);
    }
    if (this.#dispatcher !== undefined) request.setDispatcher(this.#dispatcher);
  }

  async #authenticateFirst(request: RequestContext): Promise<void> {
    const { config, cluster } = this.#selected;
    await config.applySecurityAuthentication(request);
    // From a plugin or a file, it was not in the kubeconfig.
    this.#watch(request.getHeaders()["Authorization"]?.replace(/^Bearer /, ""));
    this.#dispatcher = request.getDispatcher();
    const { env } = this.#surroundings;
    const httpsProxy = env["HTTPS_PROXY"] || env["https_proxy"];
    if (!httpsProxy || cluster.proxyUrl !== undefined) return;
    const tls: RequestOptions = {};
    await config.applyToHTTPSOptions(tls);
    const { ca, cert, key, rejectUnauthorized, servername } = tls;
    const connect = defined({ ca, cert, key, rejectUnauthorized, servername });
    const noProxy = env["NO_PROXY"] || env["no_proxy"] || "";
    this.#dispatcher = new EnvHttpProxyAgent({ httpsProxy, noProxy, connect, requestTls: connect });
  }

  #watch(secret: string | undefined): void {
    if (secret) this.#surroundings.redactor.watch(new Sensitive(secret));
  }
}

/** A refusal with the time after which the server wants to be asked again. */
class Throttled extends KubeError {
  readonly retryAfterMs: number;

  constructor(error: KubeError, retryAfterMs: number) {
    super(error.failure, error.message, error.status);
    this.retryAfterMs = retryAfterMs;
  }
}

function isThrottled(error: unknown): boolean {
  return error instanceof KubeError && error.failure === "throttled";
}

function isWorthRetrying(error: unknown): boolean {
  return isThrottled(error) || isCut(error) || (error instanceof KubeError && error.failure === "server-error");
}

function defined<T extends object>(object: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: NonNullable<T[K]>;
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is KubeObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
