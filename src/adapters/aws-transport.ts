import { Agent as HttpAgent, type AgentOptions } from "node:http";
import { Agent as HttpsAgent } from "node:https";

import { interrupted } from "../domain/errors.ts";
import type { Redactor } from "../domain/redact.ts";
import { orAborted } from "./abort.ts";
import type { Credentials } from "./aws-credentials.ts";
import { explainAws } from "./aws-errors.ts";
import { ThrottledOnly } from "./aws-retry.ts";

const ATTEMPTS = 3;

export interface AwsSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly redactor: Redactor;
  /** Aborts reads; a write that was sent is always waited for. */
  readonly signal: AbortSignal;
}

/** Whether a call may be repeated when it got no answer: what it wrote may have taken effect. */
export type Mode = "read" | "write";

export interface How {
  /** Who is asked, for a message when no host is known. */
  readonly where?: string;
  /** Deadline of this call, milliseconds. */
  readonly timeoutMs?: number;
}

type Send<T> = (options: { abortSignal: AbortSignal }) => Promise<T>;

/** What every client of the SDK is made of. */
export interface ClientSettings {
  readonly region: string;
  readonly credentials: () => Promise<Credentials>;
  readonly endpoint?: string;
  readonly ignoreConfiguredEndpointUrls: true;
  readonly requestHandler: { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent };
  readonly maxAttempts: number;
  readonly retryStrategy?: ThrottledOnly;
  readonly customUserAgent: string;
}

/** The part of a client that the transport hooks into. */
interface Client {
  destroy(): void;
  readonly middlewareStack: {
    // oxlint-disable-next-line typescript/no-explicit-any -- the SDK's own type differs from client to client
    add(middleware: (next: any, context: any) => (args: any) => Promise<any>, options: any): void;
  };
}

interface Request {
  readonly request?: { readonly hostname?: string; readonly port?: number };
}

interface Answer {
  readonly response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string | undefined>> };
}

/** Operations whose answer may well be a page: an object is what it is. */
const ANY_CONTENT: ReadonlySet<string> = new Set(["GetObjectCommand", "HeadObjectCommand"]);

/** Sends calls over the SDK's clients: one pool of connections, deadlines, interruption, counting, and one kind of error. */
export class AwsTransport {
  readonly #timeoutMs: number;
  readonly #surroundings: AwsSurroundings;
  readonly #agents: ClientSettings["requestHandler"];
  readonly #clients: Client[] = [];
  /** The host that each failed attempt was sent to. */
  readonly #hosts = new WeakMap<object, string>();
  #shields = 0;
  calls = 0;

  constructor(timeoutMs: number, surroundings: AwsSurroundings) {
    this.#timeoutMs = timeoutMs;
    this.#surroundings = surroundings;
    // The SDK reads no proxy variable; Node's own agents do when they are given the environment.
    const options = { keepAlive: true, proxyEnv: surroundings.env } as AgentOptions;
    this.#agents = { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) };
  }

  get agents(): ClientSettings["requestHandler"] {
    return this.#agents;
  }

  /** Without an endpoint the SDK finds the service's own, by region and partition. No configured one is looked for. */
  settings(
    mode: Mode,
    client: { region: string; endpoint: string | undefined; credentials: () => Promise<Credentials> },
  ): ClientSettings {
    const { endpoint, region, credentials } = client;
    return {
      region,
      credentials,
      ...(endpoint === undefined ? {} : { endpoint }),
      ignoreConfiguredEndpointUrls: true,
      requestHandler: this.#agents,
      maxAttempts: ATTEMPTS,
      ...(mode === "write" ? { retryStrategy: new ThrottledOnly(ATTEMPTS) } : {}),
      customUserAgent: "antfly-creds",
    };
  }

  /**
   * Counts what the client sends from now on, and closes it in the end. A page that a proxy answers with is no answer: the
   * SDK would take it for one without anything in it.
   */
  adopt<C extends Client>(client: C): C {
    this.#clients.push(client);
    type Next = (args: Request) => Promise<Answer>;
    const watching =
      (next: Next, { commandName = "" }: { commandName?: string }) =>
      async (args: Request) => {
        this.calls += 1;
        try {
          const answer = await next(args);
          assertNoPage(answer, commandName);
          return answer;
        } catch (error) {
          const { hostname, port } = args.request ?? {};
          if (typeof error === "object" && error !== null && hostname !== undefined)
            this.#hosts.set(error, port === undefined ? hostname : `${hostname}:${port}`);
          throw error;
        }
      };
    client.middlewareStack.add(watching, { step: "finalizeRequest", priority: "low", name: "antfly-creds-watch" });
    return client;
  }

  /** @throws AwsError; UserError when it was interrupted */
  async read<T>(action: string, send: Send<T>, how: How = {}): Promise<T> {
    const timeout = AbortSignal.timeout(how.timeoutMs ?? this.#timeoutMs);
    const { signal } = this.#surroundings;
    const deadline = this.#shields > 0 ? timeout : AbortSignal.any([timeout, signal]);
    try {
      return await this.#sent(action, deadline, send, how);
    } catch (error) {
      if (deadline.aborted && !timeout.aborted) throw interrupted("interrupted");
      throw error;
    }
  }

  /** Sent once, unless it was throttled: whether a write that got no answer took effect is not known. */
  write<T>(action: string, send: Send<T>, how: How = {}): Promise<T> {
    return this.#sent(action, AbortSignal.timeout(how.timeoutMs ?? this.#timeoutMs), send, how);
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

  close(): void {
    for (const client of this.#clients) client.destroy();
    this.#agents.httpAgent.destroy();
    this.#agents.httpsAgent.destroy();
  }

  async #sent<T>(action: string, deadline: AbortSignal, send: Send<T>, how: How): Promise<T> {
    try {
      // The SDK heeds the signal while it waits for an answer, not while it looks for credentials or reads a body.
      return await orAborted(deadline, send({ abortSignal: deadline }));
    } catch (error) {
      const known = typeof error === "object" && error !== null ? this.#hosts.get(error) : undefined;
      const { redactor } = this.#surroundings;
      const { where = "AWS", timeoutMs = this.#timeoutMs } = how;
      throw explainAws(error, { action, host: known ?? where, timeoutMs, redactor });
    }
  }
}

/** @throws the kind of error that the SDK makes of an answer it cannot read */
function assertNoPage({ response }: Answer, command: string): void {
  const { statusCode, headers = {} } = response ?? {};
  if (ANY_CONTENT.has(command) || headers["content-type"]?.startsWith("text/html") !== true) return;
  throw Object.assign(new SyntaxError("a page"), { $response: response, $metadata: { httpStatusCode: statusCode } });
}
