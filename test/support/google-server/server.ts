import type { IncomingMessage, ServerResponse } from "node:http";

import { json, type Answer } from "./answer.ts";
import type { Api, Route } from "./call.ts";
import type { Caller } from "./caller.ts";
import type { GoogleCall, GoogleFault, GoogleFaults } from "./faults.ts";
import { metadataAnswer } from "./metadata.ts";
import { errorAnswer, errorInfo, Refusal } from "./refusal.ts";
import { jsonBody, readRequest, type GoogleRequest } from "./request.ts";
import type { State } from "./state.ts";

export interface HandlerOptions {
  readonly state: () => State;
  readonly apis: readonly Api[];
  readonly faults: GoogleFaults;
  readonly calls: GoogleCall[];
  /** Email of the account that the metadata server is one of. */
  readonly machine: () => string | undefined;
}

interface Asked {
  readonly request: GoogleRequest;
  readonly api: Api;
  readonly route: Route;
  readonly parts: readonly string[];
  readonly call: GoogleCall;
}

const PAGE = "<!DOCTYPE html><html><body>Please sign in</body></html>";

/** Answers as Google's APIs do: what is it that you ask for, who are you, may you, and then the thing itself. */
export class GoogleRequestHandler {
  readonly #options: HandlerOptions;

  constructor(options: HandlerOptions) {
    this.#options = options;
  }

  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(message);
    const { state, machine } = this.#options;
    const metadata = metadataAnswer(request, state(), machine());
    if (metadata !== undefined) return send(response, metadata);
    const asked = this.#askedFor(request);
    if (asked === undefined) return send(response, { status: 404, headers: {}, body: "<html>Not Found</html>" });
    const { call } = asked;
    this.#options.calls.push(call);
    const fault = this.#options.faults.next(call);
    if (fault !== undefined && fault.after !== true && spoil(fault, asked, response)) return;
    let answer: Answer;
    try {
      answer = await this.#answer(asked);
    } catch (error) {
      answer = errorAnswer(asRefusal(error), asked.api.style);
    }
    call.status = answer.status;
    if (fault?.after === true && spoil(fault, asked, response)) return;
    send(response, answer, fault?.how === "half");
  }

  #askedFor(request: GoogleRequest): Asked | undefined {
    const api = this.#options.apis.find(({ prefix }) => request.rawPath.startsWith(prefix));
    const path = request.rawPath.slice(api?.prefix.length ?? 0);
    for (const route of api?.routes ?? []) {
      const match = route.method === request.method ? route.path.exec(path) : null;
      if (api === undefined || match === null) continue;
      const call = {
        action: route.permission === "" ? route.operation : route.permission,
        operation: route.operation,
        caller: "",
        path: request.rawPath,
        status: 0,
      };
      return { request, api, route, parts: match.slice(1).map(decodeURIComponent), call };
    }
    return undefined;
  }

  async #answer({ request, api, route, parts, call }: Asked): Promise<Answer> {
    const state = this.#options.state();
    const caller = api.style === "oauth" ? NOBODY : authenticate(request, state, api);
    call.caller = caller.name;
    const found = await route.run({ request, body: jsonBody(request), caller, state }, ...parts);
    return "status" in found && "headers" in found ? found : json(found);
  }
}

const NOBODY: Caller = { name: "", members: [], own: false };

/** @throws Refusal unless the bearer token is one that was given out, not expired, and of somebody who is still there */
function authenticate({ token, headers }: GoogleRequest, state: State, { style, host }: Api): Caller {
  if (token === undefined) {
    if (style === "storage")
      throw new Refusal(
        401,
        "required",
        "Anonymous caller does not have access to the Google Cloud Storage bucket. Permission denied on resource (or it may not exist).",
      );
    const kind = headers["authorization"] === undefined ? "CREDENTIALS_MISSING" : "ACCESS_TOKEN_TYPE_UNSUPPORTED";
    throw unauthenticated(
      "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
      kind,
      host,
    );
  }
  const given = state.tokens.get(token);
  const caller = given !== undefined && given.expiresAt > Date.now() ? given.caller() : undefined;
  if (caller !== undefined) return caller;
  if (style === "storage") throw new Refusal(401, "authError", "Invalid Credentials");
  throw unauthenticated(
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    "ACCESS_TOKEN_EXPIRED",
    host,
  );
}

function unauthenticated(message: string, reason: string, service: string): Refusal {
  return new Refusal(401, "UNAUTHENTICATED", message, [errorInfo(reason, "googleapis.com", { service })]);
}

function asRefusal(error: unknown): Refusal {
  return error instanceof Refusal ? error : new Refusal(500, "INTERNAL", `the test server failed: ${String(error)}`);
}

/** Carries a fault out; true when the answer has been dealt with. */
function spoil({ how }: GoogleFault, { api, call }: Asked, response: ServerResponse): boolean {
  if (how === "half") return false;
  if (how === "hang") return true;
  if (how === "reset") response.socket?.destroy();
  else if (how === "garbage") send(response, { status: 200, headers: {}, body: "\u0000\u0001not an answer" });
  else if (how === "page") send(response, { status: 200, headers: { "content-type": "text/html" }, body: PAGE });
  else if ("body" in how) send(response, { ...json({}), body: how.body });
  else {
    const { status, code = "UNKNOWN", message = "injected by the test", retryAfter, reason } = how;
    const details = reason === undefined ? [] : [errorInfo(reason, "googleapis.com", {})];
    call.status = status;
    const answer = errorAnswer(new Refusal(status, code, message, details), api.style);
    const wait = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
    send(response, { ...answer, headers: { ...answer.headers, ...wait } });
  }
  return true;
}

function send(response: ServerResponse, { status, headers, body }: Answer, half = false): void {
  const bytes = Buffer.from(body);
  const length = status === 204 ? {} : { "content-length": String(bytes.length) };
  response.writeHead(status, { ...length, ...headers });
  if (!half) {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, bytes.length / 2), () => response.socket?.destroy());
}
