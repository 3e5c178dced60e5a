import { crc32 } from "node:zlib";

import { Refusal } from "./refusal.ts";
import type { S3Call } from "./s3-call.ts";
import { sha256 } from "./sigv4.ts";

/** @throws Refusal when the body is not the one that was signed, or is sent in a way that this store does not take */
export function assertBody({ request, flavour, s3 }: S3Call): void {
  const { headers, body } = request;
  if (flavour.name === "gcs") assertPlain(headers, flavour.mismatch);
  if (headers["content-encoding"]?.includes("aws-chunked") === true)
    throw new Refusal(501, "NotImplemented", "A header you provided implies functionality that is not implemented");
  const said = headers["x-amz-content-sha256"];
  if (said !== undefined && said !== "UNSIGNED-PAYLOAD" && said !== sha256(body)) {
    const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    throw new Refusal(400, "XAmzContentSHA256Mismatch", message);
  }
  const sum = headers["x-amz-checksum-crc32"];
  if (s3.operation !== "PutObject" || sum === undefined) return;
  const computed = Buffer.alloc(4);
  computed.writeUInt32BE(crc32(body));
  if (sum !== computed.toString("base64"))
    throw new Refusal(400, "BadDigest", "The CRC32 you specified did not match the calculated checksum.");
}

/** GCS knows none of the checksums that AWS's SDKs add, and no x-goog header beside those of AWS. */
function assertPlain(headers: Readonly<Record<string, string>>, mismatch: string): void {
  const names = Object.keys(headers);
  if (names.some((name) => name.startsWith("x-goog-")))
    throw new Refusal(400, "ExcessHeaderValues", "Requests cannot specify both x-amz and x-goog headers.");
  const foreign = names.some((name) => name.startsWith("x-amz-checksum-") || name.startsWith("x-amz-sdk-checksum"));
  if (foreign || headers["content-encoding"]?.includes("aws-chunked") === true)
    throw new Refusal(403, "SignatureDoesNotMatch", mismatch);
}
