import { createHash, createHmac, timingSafeEqual } from "node:crypto";

import type { AwsRequest, Signature } from "./request.ts";

/** What the client must have signed, by version 4 of AWS's signatures. */
export interface Expected {
  readonly signature: string;
  readonly stringToSign: string;
  readonly canonicalRequest: string;
}

export function expectedSignature(request: AwsRequest, signature: Signature, secret: string): Expected {
  const { day, region, service, signedHeaders } = signature;
  const date = request.headers["x-amz-date"] ?? "";
  const canonicalRequest = [
    request.method,
    canonicalPath(request),
    canonicalQuery(request.rawQuery),
    ...signedHeaders.map((name) => `${name}:${(request.headers[name] ?? "").trim().replace(/\s+/g, " ")}`),
    "",
    signedHeaders.join(";"),
    payloadHash(request),
  ].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const stringToSign = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonicalRequest)}`;
  const key = [day, region, service, "aws4_request"].reduce<Buffer>(
    (seed, part) => hmac(seed, part),
    Buffer.from(`AWS4${secret}`),
  );
  return { signature: hmac(key, stringToSign).toString("hex"), stringToSign, canonicalRequest };
}

export function sameSignature(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** S3 takes the path as it is sent; elsewhere each part is encoded once more. */
function canonicalPath({ service, rawPath }: AwsRequest): string {
  if (service === "s3") return rawPath;
  return rawPath.split("/").map(encoded).join("/");
}

function canonicalQuery(raw: string): string {
  if (raw === "") return "";
  return raw
    .split("&")
    .map((pair) => {
      const [name = "", value = ""] = pair.split(/=(.*)/s);
      return `${encoded(decodeURIComponent(name))}=${encoded(decodeURIComponent(value))}`;
    })
    .sort()
    .join("&");
}

/** S3 says in a header what was signed of the body; a hash that is not the body's own is found by the reader. */
function payloadHash({ service, headers, body }: AwsRequest): string {
  const said = headers["x-amz-content-sha256"];
  return service === "s3" && said !== undefined ? said : sha256(body);
}

export function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
