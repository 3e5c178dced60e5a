import { createHash } from "node:crypto";

/** Castagnoli's polynomial, the other way round. */
const POLYNOMIAL = 0x82f63b78;

/** As `x-goog-hash` and an object's metadata have them: base64. */
export function checksums(body: Buffer): { readonly crc32c: string; readonly md5Hash: string } {
  let crc = 0xffffffff;
  for (const byte of body) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  }
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return { crc32c: bytes.toString("base64"), md5Hash: createHash("md5").update(body).digest("base64") };
}
