import { createHash } from "node:crypto";

/**
 * Annotation by which this tool marks data that it wrote: `<digest> <RFC 3339>`. While the digest is that of the data, the
 * time is exactly when it changed; `managedFields` move with every label, and only give an upper bound.
 */
export const DATA_MARKER = "antfly-creds/data";

export type Bytes = Readonly<Record<string, Uint8Array>>;

export function dataMarker(secret: string, data: Bytes, at: Date): string {
  return `${dataDigest(secret, data)} ${at.toISOString().replace(/\.\d+/, "")}`;
}

/** When the data was written, if it is still the same; undefined otherwise, and without a marker. */
export function writtenAt(secret: string, data: Bytes, marker: string | undefined): string | undefined {
  const [digest, time] = marker?.split(" ") ?? [];
  return digest === dataDigest(secret, data) && time !== undefined && !Number.isNaN(Date.parse(time))
    ? time
    : undefined;
}

/** 16 hex digits of SHA-256 over the Secret's name (`namespace/name`) and its data, with lengths between them. */
function dataDigest(secret: string, data: Bytes): string {
  const hash = createHash("sha256").update(secret);
  for (const key of Object.keys(data).sort()) {
    const value = data[key] ?? new Uint8Array();
    hash.update(`\0${key.length}:${key}${value.length}:`).update(value);
  }
  return hash.digest("hex").slice(0, 16);
}
