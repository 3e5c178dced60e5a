import type { HashMatch } from "./envfrom-hash.ts";

/**
 * Which operator behaviour a cluster faces. 1: reads Secrets and hashes their content. 2: never reads Secrets, hashes
 * their names. 3: as 2, with named connections for backups.
 */
export type Generation = 1 | 2 | 3;

/** One entry of `status.conditions`. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** One observation and the generations it allows. */
export interface GenerationEvidence {
  readonly saw: string;
  readonly allows: readonly Generation[];
}

export interface GenerationClues {
  readonly conditions: readonly Condition[];
  /** Property names of the AntflyCluster CRD's spec; undefined when the CRD could not be read. */
  readonly specFields: readonly string[] | undefined;
  /** Per StatefulSet that has the annotation: which hash it equals. */
  readonly hashes: readonly { readonly statefulSet: string; readonly match: HashMatch }[];
  /** A pod template carries `antfly.io/config-hash`. */
  readonly configHash: boolean;
}

export function generationEvidence(clues: GenerationClues): GenerationEvidence[] {
  const evidence: GenerationEvidence[] = [];
  const ready = clues.conditions.find((condition) => condition.type === "SecretsReady");
  if (ready !== undefined) {
    const saw = `condition SecretsReady is ${ready.status}`;
    if (ready.status === "Unknown") evidence.push({ saw, allows: [2, 3] });
    else if (ready.status === "True" || ready.status === "False") evidence.push({ saw, allows: [1] });
  }
  if (clues.configHash) evidence.push({ saw: "a pod template has antfly.io/config-hash", allows: [3] });
  for (const { statefulSet, match } of clues.hashes) {
    const saw = `antfly.io/envfrom-hash of ${statefulSet} is the ${match} hash`;
    if (match === "content") evidence.push({ saw, allows: [1] });
    if (match === "reference") evidence.push({ saw, allows: [2, 3] });
  }
  if (clues.specFields !== undefined) {
    const fields = new Set(clues.specFields);
    if (fields.has("internalServiceAuth")) evidence.push({ saw: "the CRD has spec.internalServiceAuth", allows: [3] });
    else if (fields.has("secretStore")) evidence.push({ saw: "the CRD has spec.secretStore", allows: [2] });
    else evidence.push({ saw: "the CRD has neither spec.secretStore nor spec.internalServiceAuth", allows: [1] });
  }
  return evidence;
}

/**
 * The one generation that all evidence allows. Where several are left (2 or 3 without the CRD) the lower one: they
 * treat Secrets alike. Undefined without evidence, or when it contradicts itself.
 */
export function decideGeneration(evidence: readonly GenerationEvidence[]): Generation | undefined {
  if (evidence.length === 0) return undefined;
  return ([1, 2, 3] as const).find((candidate) => evidence.every((item) => item.allows.includes(candidate)));
}
