import { createHash } from "node:crypto";

import type { AnyObject } from "../follow.ts";
import type { StandInGeneration } from "../crds/crds.ts";

/** Finds an object of the cluster's namespace. */
export type Find = (kind: "Secret" | "ConfigMap", name: string) => Promise<AnyObject | undefined>;

/**
 * `antfly.io/envfrom-hash` as the operator of a generation writes it; apart from the product's, which is compared with
 * it. Empty list: no hash.
 */
export async function envFromHash(
  generation: StandInGeneration,
  namespace: string,
  envFrom: readonly AnyObject[],
  find: Find,
): Promise<string> {
  if (envFrom.length === 0) return "";
  const parts: Buffer[] = [];
  for (const source of envFrom) {
    const kind = source.secretRef ? "Secret" : "ConfigMap";
    const name: string = (source.secretRef ?? source.configMapRef).name;
    if (kind === "Secret" && generation !== 1) {
      parts.push(Buffer.from(`secret:${namespace}/${name}`));
      continue;
    }
    const data: Record<string, string> = (await find(kind, name))?.data ?? {};
    for (const key of Object.keys(data).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
      parts.push(Buffer.from(key), Buffer.from(data[key] ?? "", kind === "Secret" ? "base64" : "utf8"));
    }
  }
  return createHash("sha256").update(Buffer.concat(parts)).digest("hex").substring(0, 16);
}
