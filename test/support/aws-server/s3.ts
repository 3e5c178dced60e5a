import { randomUUID } from "node:crypto";

import type { Answer } from "./answer.ts";
import { Refusal } from "./refusal.ts";
import { bucketAnswer } from "./s3-bucket.ts";
import { assertBody } from "./s3-body.ts";
import { objectAnswer } from "./s3-objects.ts";
import type { S3Request } from "./s3-request.ts";
import { assertAllowed, xmlAnswer, type S3Call } from "./s3-call.ts";
import type { Bucket } from "./state.ts";
import { repeated } from "./xml.ts";

/** An error of S3; an answer to HEAD has no body. */
export function s3Error({ status, code, message, details, headers }: Refusal, head: boolean): Answer {
  const body = repeated("Error", { Code: code, Message: message, ...details, RequestId: randomUUID(), HostId: "test" });
  return { status, headers: { "content-type": "application/xml", ...headers }, body: head ? "" : body };
}

/** Bucket there, region right, allowed, and then what was asked for. */
export function answerS3(call: S3Call): Answer {
  const { s3, state } = call;
  if (s3.operation === "ListBuckets") return bucketList(call);
  const bucket = state.buckets.get(s3.bucket);
  if (bucket === undefined) {
    const details = { BucketName: s3.bucket };
    throw new Refusal(404, "NoSuchBucket", "The specified bucket does not exist", { details });
  }
  const named = call.flavour.name === "gcs" ? {} : { "x-amz-bucket-region": bucket.region };
  try {
    assertRegion(call, bucket);
    assertBody(call);
    assertOwner(call, bucket);
    // HEAD needs another right on GCS than listing does.
    const head = call.flavour.name === "gcs" && s3.operation === "HeadBucket";
    assertAllowed(call, bucket, head ? "storage.buckets.get" : `s3:${s3.action}`, resourceOf(s3));
    const answer = s3.key === "" ? bucketAnswer(call, bucket) : objectAnswer(call, bucket);
    return s3.operation === "HeadBucket" ? { ...answer, headers: { ...answer.headers, ...named } } : answer;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const headers = s3.operation === "HeadBucket" || error.status === 301 || error.status === 400 ? named : {};
    throw new Refusal(error.status, error.code, error.message, {
      details: error.details,
      headers: { ...error.headers, ...headers },
    });
  }
}

function bucketList(call: S3Call): Answer {
  const { state, caller } = call;
  assertAllowed(call, undefined, "s3:ListAllMyBuckets", "arn:aws:s3:::*");
  const own = [...state.buckets.values()].filter(({ owner }) => owner === caller.account);
  return xmlAnswer("ListAllMyBucketsResult", {
    Owner: { ID: caller.account },
    Buckets: { Bucket: own.map(({ name }) => ({ Name: name, CreationDate: "2026-01-01T00:00:00.000Z" })) },
  });
}

function resourceOf({ bucket, key }: S3Request): string {
  return `arn:aws:s3:::${bucket}${key === "" ? "" : `/${key}`}`;
}

function assertRegion({ request, region, flavour, caller }: S3Call, bucket: Bucket): void {
  const signed = request.signature?.region;
  if (signed === undefined || flavour.name === "gcs") return;
  const endpoint = flavour.name === "minio" ? bucket.region : (region ?? signed);
  if (signed !== endpoint) throw flavour.wrongRegion(signed, endpoint);
  if (bucket.region === endpoint || caller.kind === "anonymous") return;
  const message =
    "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.";
  const details = { Endpoint: `s3.${bucket.region}.amazonaws.com`, Bucket: bucket.name };
  throw new Refusal(301, "PermanentRedirect", message, { details });
}

function assertOwner({ request }: S3Call, { owner }: Bucket): void {
  const expected = request.headers["x-amz-expected-bucket-owner"];
  if (expected !== undefined && expected !== owner) throw new Refusal(403, "AccessDenied", "Access Denied");
}
