import type { Answer } from "./answer.ts";
import { refusalOf } from "./authorize.ts";
import { contextOf, type Caller } from "./caller.ts";
import type { Flavour } from "./flavours.ts";
import type { AwsRequest } from "./request.ts";
import type { S3Request } from "./s3-request.ts";
import type { Bucket, State } from "./state.ts";
import { repeated } from "./xml.ts";

export interface S3Call {
  readonly request: AwsRequest;
  readonly s3: S3Request;
  readonly caller: Caller;
  readonly state: State;
  readonly flavour: Flavour;
  /** Region that the endpoint is of; undefined: that of whatever region a request is signed for. */
  readonly region: string | undefined;
  readonly time: number;
}

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

export function xmlAnswer(name: string, content: Parameters<typeof repeated>[1]): Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n${repeated(`${name} xmlns="${NAMESPACE}"`, content)}`;
  return { status: 200, headers: { "content-type": "application/xml" }, body };
}

/** @throws Refusal in the words of the store, when the caller may not do this */
export function assertAllowed(call: S3Call, bucket: Bucket | undefined, action: string, resource: string): void {
  const { caller, state, flavour } = call;
  const own = { policy: bucket?.policy, account: bucket?.owner ?? caller.account };
  const refusal = refusalOf({ caller, action, resource, context: contextFor(call, bucket), denied: state.denied, own });
  if (refusal === undefined) return;
  const sentence =
    refusal === "" || caller.kind === "anonymous"
      ? "Access Denied"
      : `User: ${caller.arn} is not authorized to perform: ${action} on resource: "${resource}" ${refusal}`;
  throw flavour.denied(sentence, action, bucket?.name ?? "");
}

function contextFor({ request, s3, caller, time }: S3Call, bucket: Bucket | undefined): Map<string, readonly string[]> {
  const { query, headers } = request;
  const texts: Record<string, string> = {
    "aws:SourceIp": "203.0.113.10",
    // The server stands for one that is reached by TLS.
    "aws:SecureTransport": "true",
    "aws:CurrentTime": new Date(time).toISOString(),
    "aws:EpochTime": String(Math.floor(time / 1000)),
    "aws:UserAgent": headers["user-agent"] ?? "",
    "s3:signatureversion": "AWS4-HMAC-SHA256",
    "s3:authType": "REST-HEADER",
  };
  if (bucket !== undefined) texts["s3:ResourceAccount"] = bucket.owner;
  if (s3.operation === "ListObjectsV2") {
    const prefix = query.get("prefix");
    const most = query.get("max-keys");
    if (prefix !== null) texts["s3:prefix"] = prefix;
    if (most !== null) texts["s3:max-keys"] = most;
  }
  for (const name of ["x-amz-server-side-encryption", "x-amz-acl", "if-none-match"]) {
    const value = headers[name];
    if (value !== undefined) texts[`s3:${name}`] = value;
  }
  return new Map([...caller.context, ...contextOf(texts)]);
}
