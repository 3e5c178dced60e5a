import { createHash } from "node:crypto";

/** The same for the same parts, in every run and on every machine; 32 hexadecimal digits. */
export function identityOf(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
