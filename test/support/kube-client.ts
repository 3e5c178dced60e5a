import { Agent, request as httpsRequest, type RequestOptions } from "node:https";
import type { IncomingMessage } from "node:http";

/** What a Kubernetes API server answered: `body` is parsed JSON, or text when it was not JSON. */
export interface KubeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // oxlint-disable-next-line typescript/no-explicit-any -- API objects of any kind; tests look into them freely
  readonly body: any;
}

export interface KubeCall {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Who is calling: nobody, a bearer token, or a client certificate (PEM). */
export interface KubeCredentials {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  // oxlint-disable-next-line typescript/no-explicit-any -- see KubeAnswer
  readonly object: any;
}

/** A plain HTTPS client for tests and stand-ins: every call as it is on the wire, no model in between. */
export class KubeClient {
  readonly url: string;
  readonly #agent: Agent;
  readonly #token: string | undefined;

  constructor(url: string, ca: string, credentials: KubeCredentials = {}) {
    this.url = url;
    this.#token = credentials.token;
    this.#agent = new Agent({
      ca,
      keepAlive: true,
      ...(credentials.cert === undefined ? {} : { cert: credentials.cert }),
      ...(credentials.key === undefined ? {} : { key: credentials.key }),
    });
  }

  /** One call; resolves for every HTTP status, rejects only when no answer came. */
  async request(method: string, path: string, call: KubeCall = {}): Promise<KubeAnswer> {
    const response = await this.#send(method, path, call);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    return { status: response.statusCode ?? 0, headers: response.headers, body: parse(text) };
  }

  get(path: string, query: Readonly<Record<string, string>> = {}): Promise<KubeAnswer> {
    return this.request("GET", path, { query });
  }

  /** As `request`, but any status of 400 or more is an error that carries the server's message. */
  async must(method: string, path: string, call: KubeCall = {}): Promise<KubeAnswer["body"]> {
    const answer = await this.request(method, path, call);
    if (answer.status >= 400) {
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body?.message ?? answer.body)}`);
    }
    return answer.body;
  }

  /** Server-side apply as field manager `manager`, with force. */
  apply(path: string, object: unknown, manager = "test"): Promise<KubeAnswer["body"]> {
    return this.must("PATCH", path, {
      query: { fieldManager: manager, force: "true" },
      body: object,
      contentType: "application/apply-patch+yaml",
    });
  }

  /** Watch events in order until `signal` aborts or the server ends the stream. */
  async *watch(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const response = await this.#send("GET", path, { query: { ...query, watch: "true" }, signal });
    if ((response.statusCode ?? 0) >= 400) throw new Error(`watch ${path}: ${response.statusCode}`);
    let rest = "";
    for await (const chunk of response) {
      rest += (chunk as Buffer).toString("utf8");
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") yield JSON.parse(line) as WatchEvent;
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(method: string, path: string, call: KubeCall): Promise<IncomingMessage> {
    const url = new URL(path, this.url);
    for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const options: RequestOptions = {
      method,
      agent: this.#agent,
      headers: {
        accept: call.accept ?? "application/json",
        // Node frames the body of a DELETE only when it is told its length.
        ...(body === undefined
          ? {}
          : { "content-type": call.contentType ?? "application/json", "content-length": Buffer.byteLength(body) }),
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        ...call.headers,
      },
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    };
    return new Promise((resolve, reject) => {
      const request = httpsRequest(url, options, resolve);
      request.on("error", reject);
      request.end(body);
    });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
