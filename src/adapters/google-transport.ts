import { Agent as HttpAgent, type AgentOptions } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { setTimeout as delay } from "node:timers/promises";

import { PassThroughClient } from "google-auth-library";

import { interrupted } from "../domain/errors.ts";
import type { Redactor } from "../domain/redact.ts";
import { GoogleError } from "../ports.ts";
import { orAborted } from "./abort.ts";
import { explainGoogle, explainRefusal } from "./google-errors.ts";
import { pauseBefore, type Attempt } from "./google-retry.ts";

/** How the library sends requests. */
export type Sending = NonNullable<
  NonNullable<ConstructorParameters<typeof PassThroughClient>[0]>["transporterOptions"]
>;

const ATTEMPTS = 3;
/** Longest of Google's own answers is a list of a thousand objects. */
const LARGEST_ANSWER = 16 * 1024 * 1024;

export interface GoogleSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly redactor: Redactor;
  /** Aborts reads; a write that was sent is always waited for. */
  readonly signal: AbortSignal;
}

/** One call of an API. */
export interface Call {
  /** The permission that it takes. */
  readonly action: string;
  /** Whether it may be repeated when it got no answer: what it wrote may have taken effect. */
  readonly mode: "read" | "write";
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers: () => Promise<Headers>;
  /** Sent as JSON; text and bytes as they are. */
  readonly body?: object | string | Uint8Array;
  readonly contentType?: string;
  /** Largest answer that is read, bytes. */
  readonly largest?: number;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** Sends calls: one pool of connections, deadlines, interruption, repetition, counting, and one kind of error. */
export class GoogleTransport {
  readonly #timeoutMs: number;
  readonly #surroundings: GoogleSurroundings;
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent };
  readonly #client: PassThroughClient;
  #shields = 0;
  calls = 0;

  constructor(timeoutMs: number, surroundings: GoogleSurroundings) {
    this.#timeoutMs = timeoutMs;
    this.#surroundings = surroundings;
    // One rule for proxies in every cloud: Node's own, from the environment that was given.
    const options = { keepAlive: true, proxyEnv: surroundings.env } as AgentOptions;
    this.#agents = { http: new HttpAgent(options), https: new HttpsAgent(options) };
    this.#client = new PassThroughClient({ transporterOptions: this.sending });
  }

  /** For the library's own requests. */
  get sending(): Sending {
    const { http, https } = this.#agents;
    return { agent: (url: URL) => (url.protocol === "http:" ? http : https) };
  }

  /** The deadline of one call, milliseconds. */
  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  /** @throws GoogleError; UserError when it was interrupted */
  async send(call: Call): Promise<Answer> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const { signal } = this.#surroundings;
    const isShielded = call.mode === "write" || this.#shields > 0;
    const deadline = isShielded ? timeout : AbortSignal.any([timeout, signal]);
    try {
      return await this.#attempts(call, deadline);
    } catch (error) {
      if (deadline.aborted && !timeout.aborted) throw interrupted("interrupted");
      throw error;
    }
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

  get isShielded(): boolean {
    return this.#shields > 0;
  }

  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  async #attempts(call: Call, deadline: AbortSignal): Promise<Answer> {
    const { redactor } = this.#surroundings;
    const about = { action: call.action, host: new URL(call.url).host, timeoutMs: this.#timeoutMs, redactor };
    for (let attempt = 1; ; attempt += 1) {
      let error: GoogleError;
      let ended: Attempt;
      try {
        const headers = new Headers(await orAborted(deadline, call.headers()));
        this.calls += 1;
        const answer = await orAborted(deadline, this.#once(call, headers, deadline));
        if (answer.status < 300) return answer;
        error = explainRefusal(answer, about);
        ended = { mode: call.mode, status: answer.status, error, retryAfter: answer.retryAfter };
      } catch (failed) {
        const explained = explainGoogle(failed, about);
        if (!(explained instanceof GoogleError)) throw explained;
        error = explained;
        ended = { mode: call.mode, status: undefined, error, retryAfter: undefined };
      }
      const pauseMs = attempt < ATTEMPTS && !deadline.aborted ? pauseBefore(attempt, ended) : undefined;
      if (pauseMs === undefined) throw error;
      await pause(pauseMs, deadline, error);
    }
  }

  async #once(call: Call, headers: Headers, signal: AbortSignal): Promise<Answer & { retryAfter: string | undefined }> {
    if (call.body !== undefined) headers.set("content-type", call.contentType ?? "application/json; charset=utf-8");
    headers.set("user-agent", "antfly-creds");
    const isRaw = typeof call.body === "string" || call.body instanceof Uint8Array;
    const {
      status,
      data,
      headers: answered,
    } = await this.#client.request<ArrayBuffer>({
      url: call.url,
      method: call.method ?? "GET",
      headers,
      ...(call.body === undefined ? {} : { data: isRaw ? call.body : JSON.stringify(call.body) }),
      responseType: "arraybuffer",
      validateStatus: () => true,
      maxContentLength: call.largest ?? LARGEST_ANSWER,
      maxRedirects: 0,
      retry: false,
      signal,
      // With a signal that has been given already node-fetch destroys the body with an error that nobody listens to.
      adapter: async (options, send) => {
        signal.throwIfAborted();
        return send(options);
      },
    });
    // Nothing comes with 204.
    const body = Buffer.from(data instanceof ArrayBuffer ? data : new ArrayBuffer(0));
    const contentType = answered.get("content-type") ?? "";
    return { status, contentType, body, retryAfter: answered.get("retry-after") ?? undefined };
  }
}

/** @throws what the call failed with, when there is no time left for another try */
async function pause(milliseconds: number, deadline: AbortSignal, error: GoogleError): Promise<void> {
  await delay(milliseconds, undefined, { signal: deadline }).catch(() => {
    throw error;
  });
}
