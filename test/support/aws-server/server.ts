import type { IncomingMessage, ServerResponse } from "node:http";

import type { Answer } from "./answer.ts";
import { authenticate } from "./authenticate.ts";
import { refusalOf } from "./authorize.ts";
import { ANONYMOUS, type Caller } from "./caller.ts";
import { answerEks, eksError, eksRoute } from "./eks.ts";
import type { AwsCall, AwsFault, AwsFaults } from "./faults.ts";
import type { Flavour } from "./flavours.ts";
import { IAM_ACTIONS } from "./iam.ts";
import { errorAnswer, resultAnswer } from "./query-api.ts";
import { Refusal } from "./refusal.ts";
import { readRequest, type AwsRequest } from "./request.ts";
import { answerS3, s3Error } from "./s3.ts";
import { readS3, type S3Request } from "./s3-request.ts";
import type { State } from "./state.ts";
import { STS_ACTIONS } from "./sts.ts";
import type { Verifier } from "./web-identity.ts";

export interface ServerOptions {
  readonly state: () => State;
  readonly verifier: Verifier;
  readonly flavour: Flavour;
  readonly faults: AwsFaults;
  readonly calls: AwsCall[];
  /** Region of the S3 endpoint. */
  readonly region: string | undefined;
  /** By how much the server's clock is ahead, milliseconds. */
  readonly clockOffsetMs: number;
}

/** A request and what it asks for. */
interface Asked {
  readonly request: AwsRequest;
  readonly call: AwsCall;
  readonly s3?: S3Request;
  readonly route?: NonNullable<ReturnType<typeof eksRoute>>;
}

const WITHOUT_SIGNATURE = "AssumeRoleWithWebIdentity";
const EMPTY =
  "<ListBucketResult><Name>bucket</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>";
const PAGE = "<!DOCTYPE html><html><body>Please sign in</body></html>";

/** Answers as STS, IAM, EKS and S3 do: who are you, may you, and then what you asked for. */
export class AwsRequestHandler {
  readonly #options: ServerOptions;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(message);
    const time = Date.now() + this.#options.clockOffsetMs;
    response.setHeader("date", new Date(time).toUTCString());
    let asked: Asked;
    try {
      asked = askedFor(request);
    } catch (error) {
      send(response, errorOf(request, error));
      return;
    }
    const { call } = asked;
    this.#options.calls.push(call);
    const fault = this.#options.faults.next(call);
    if (fault !== undefined && fault.after !== true && spoil(fault, asked, response)) return;
    let answer: Answer;
    try {
      answer = await this.#answer(asked, time);
    } catch (error) {
      answer = errorOf(request, error);
    }
    call.status = answer.status;
    if (fault?.after === true && spoil(fault, asked, response)) return;
    send(response, answer, fault?.how === "half");
  }

  async #answer(asked: Asked, time: number): Promise<Answer> {
    const { request, call, s3, route } = asked;
    const { state: current, verifier, flavour, region } = this.#options;
    const state = current();
    const caller: Caller =
      call.operation === WITHOUT_SIGNATURE && request.signature === undefined
        ? ANONYMOUS
        : authenticate(request, state, flavour, time);
    call.caller = caller.kind === "anonymous" ? "" : caller.arn;
    if (s3 !== undefined) return answerS3({ request, s3, caller, state, flavour, region, time });
    if (route !== undefined) return answerEks({ request, caller, state }, route);
    const { params } = request;
    const query = { params, caller, state, region: request.signature?.region ?? "", time };
    const { operation } = call;
    if (request.service === "sts")
      return resultAnswer("sts", operation, await STS_ACTIONS[operation]?.(query, verifier));
    const action = IAM_ACTIONS[operation];
    if (action === undefined) throw noSuchAction(request);
    const { arn, words } = action.on(query);
    const refusal = refusalOf({
      caller,
      action: call.action,
      resource: arn,
      context: caller.context,
      denied: state.denied,
    });
    if (refusal !== undefined) {
      const who = `User: ${caller.arn} is not authorized to perform: ${call.action} on resource: ${words}`;
      throw new Refusal(403, "AccessDenied", `${who} ${refusal}`);
    }
    return resultAnswer("iam", operation, action.run(query));
  }
}

/** @throws Refusal for an action that the service, or this server, does not have */
function askedFor(request: AwsRequest): Asked {
  const call = (service: string, action: string, operation = action): AwsCall => ({
    action: `${service}:${action}`,
    operation,
    caller: "",
    path: request.rawPath,
    status: 0,
  });
  if (request.service === "s3") {
    const s3 = readS3(request);
    return { request, s3, call: call("s3", s3.action, s3.operation) };
  }
  if (request.service === "eks") {
    const route = eksRoute(request);
    if (route === undefined) throw new Refusal(404, "NotFoundException", "Not Found");
    return { request, route, call: call("eks", route.action) };
  }
  const operation = request.params.get("Action") ?? "";
  const known = request.service === "sts" ? STS_ACTIONS[operation] : IAM_ACTIONS[operation];
  if (known === undefined) throw noSuchAction(request);
  return { request, call: call(request.service, operation) };
}

function noSuchAction({ params }: AwsRequest): Refusal {
  const message = `Could not find operation ${params.get("Action")} for version ${params.get("Version")}`;
  return new Refusal(400, "InvalidAction", message);
}

function errorOf({ service, method }: AwsRequest, error: unknown): Answer {
  const refusal =
    error instanceof Refusal ? error : new Refusal(500, "InternalFailure", `the test server failed: ${String(error)}`);
  if (service === "s3") return s3Error(refusal, method === "HEAD");
  return service === "eks" ? eksError(refusal) : errorAnswer(service, refusal);
}

/** Carries a fault out; true when the answer has been dealt with. */
function spoil({ how }: AwsFault, { request, call }: Asked, response: ServerResponse): boolean {
  if (how === "half") return false;
  if (how === "hang") return true;
  if (how === "reset") response.socket?.destroy();
  else if (how === "garbage") send(response, { status: 200, headers: {}, body: "\u0000\u0001not an answer" });
  else if (typeof how === "object" && "body" in how) send(response, { status: 200, headers: {}, body: how.body });
  else if (how === "empty") send(response, { status: 200, headers: {}, body: EMPTY });
  else if (how === "page") send(response, { status: 200, headers: { "content-type": "text/html" }, body: PAGE });
  else {
    const { status, code, message = "injected by the test" } = how;
    call.status = status;
    send(response, errorOf(request, new Refusal(status, code, message)));
  }
  return true;
}

function send(response: ServerResponse, { status, headers, body }: Answer, half = false): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { "content-length": String(bytes.length), "x-amz-request-id": "TEST", ...headers });
  if (!half) {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, bytes.length / 2), () => response.socket?.destroy());
}
