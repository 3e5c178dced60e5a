import type { IncomingMessage } from "node:http";

export type ServiceName = "sts" | "iam" | "eks" | "s3";

/** Who signed, and how: the parts of an Authorization header of version 4. */
export interface Signature {
  readonly keyId: string;
  /** YYYYMMDD. */
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** A request taken apart. */
export interface AwsRequest {
  readonly service: ServiceName;
  readonly method: string;
  /** As it stood on the wire, still encoded. */
  readonly rawPath: string;
  readonly rawQuery: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Parameters of STS and IAM. */
  readonly params: URLSearchParams;
  readonly signature: Signature | undefined;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]*)\/(\d{8})\/([^/]*)\/([^/]*)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
const STS_VERSION = "2011-06-15";

/** STS, IAM, EKS and S3 share one port: a signature names its service, and what is not signed says it by its form. */
export async function readRequest(message: IncomingMessage): Promise<AwsRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const [rawPath = "/", rawQuery = ""] = (message.url ?? "/").split(/\?(.*)/s);
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(",") : (value ?? ""),
    ]),
  );
  const form = (headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
  const params = new URLSearchParams(form ? body.toString("utf8") : "");
  const signature = signatureOf(headers["authorization"]);
  return {
    service: serviceOf(signature, params),
    method: message.method ?? "GET",
    rawPath,
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers,
    body,
    params,
    signature,
  };
}

function signatureOf(authorization: string | undefined): Signature | undefined {
  const [, keyId, day, region, service, signedHeaders, signature] = AUTHORIZATION.exec(authorization ?? "") ?? [];
  if (keyId === undefined || day === undefined || region === undefined || service === undefined) return undefined;
  if (signedHeaders === undefined || signature === undefined) return undefined;
  return { keyId, day, region, service, signedHeaders: signedHeaders.split(";"), signature };
}

function serviceOf(signature: Signature | undefined, params: URLSearchParams): ServiceName {
  const version = params.get("Version");
  if (version !== null) return version === STS_VERSION ? "sts" : "iam";
  return signature?.service === "eks" ? "eks" : "s3";
}
