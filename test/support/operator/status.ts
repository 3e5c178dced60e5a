import type { StandInGeneration } from "../crds/crds.ts";
import type { AnyObject } from "../follow.ts";
import { groupsOf } from "./template.ts";

export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

/** Replaces a condition as the operator does: only when its status or reason changes, so that a message can be stale. */
export function withCondition(conditions: readonly AnyObject[], next: Condition): AnyObject[] {
  const before = conditions.find((condition) => condition.type === next.type);
  if (before?.status === next.status && before?.reason === next.reason) return [...conditions];
  const lastTransitionTime = new Date().toISOString().replace(/\.\d+/, "");
  return [...conditions.filter((condition) => condition.type !== next.type), { ...next, lastTransitionTime }];
}

/** Replaces a condition whenever anything of it changes, its message as well. */
export function withLatest(conditions: readonly AnyObject[], next: Condition): AnyObject[] {
  const before = conditions.find((condition) => condition.type === next.type);
  const stale = before?.message === next.message ? conditions : conditions.filter((one) => one !== before);
  return withCondition(stale, next);
}

/** `SecretsReady` by generation. Optional Secrets count; a missing one is listed once for each group that names it. */
export async function secretsReady(
  generation: StandInGeneration,
  cluster: AnyObject,
  exists: (name: string) => Promise<boolean>,
): Promise<Condition> {
  const base = { type: "SecretsReady", reason: "AllSecretsFound" } as const;
  if (generation !== 1) {
    const message = "Secret references are delegated to Kubernetes and are not read by the operator";
    return { ...base, status: "Unknown", message };
  }
  const names = groupsOf(cluster)
    .flatMap((group) => group.spec?.envFrom ?? [])
    .flatMap((source: AnyObject) => source.secretRef?.name ?? []);
  if (names.length === 0) return { ...base, status: "True", message: "No secrets referenced" };
  const missing: string[] = [];
  for (const name of names) if (!(await exists(name))) missing.push(name);
  if (missing.length === 0) return { ...base, status: "True", message: "All referenced secrets exist" };
  return {
    type: "SecretsReady",
    status: "False",
    reason: "SecretNotFound",
    message: `Secret(s) not found: [${missing.join(" ")}]`,
  };
}

/** What the validating webhook would say, without its first words; undefined when all is well. */
export function validate(generation: StandInGeneration, cluster: AnyObject): string | undefined {
  const envFrom = envFromRefused(cluster);
  if (envFrom !== undefined) return `EnvFrom validation failed: ${envFrom}`;
  const auth = generation === 3 ? internalServiceAuthRefused(cluster.spec) : undefined;
  return auth === undefined ? undefined : `\n  - ${auth}`;
}

function internalServiceAuthRefused({ mode = "Distributed", internalServiceAuth }: AnyObject): string | undefined {
  if (mode === "Standalone" && internalServiceAuth !== undefined)
    return "spec.internalServiceAuth must be omitted in Standalone mode";
  if (mode === "Distributed" && internalServiceAuth === undefined)
    return "spec.internalServiceAuth is required in Distributed mode";
  return undefined;
}

function envFromRefused(cluster: AnyObject): string | undefined {
  for (const group of groupsOf(cluster)) {
    const field = group.name === "metadata" || group.name === "data" ? `${group.name}Nodes` : group.name;
    for (const [i, source] of (group.spec?.envFrom ?? []).entries()) {
      const place = `spec.${field}.envFrom[${i}]`;
      if (source.secretRef && source.configMapRef)
        return `${place}: must specify exactly one of secretRef or configMapRef, not both`;
      if (!source.secretRef && !source.configMapRef) return `${place}: must specify either secretRef or configMapRef`;
      if (source.secretRef?.name === "") return `${place}.secretRef.name: must not be empty`;
      if (source.configMapRef?.name === "") return `${place}.configMapRef.name: must not be empty`;
    }
    if (group.name === "metadata" && group.replicas < 1)
      return `spec.metadataNodes.replicas must be >= 1, got ${group.replicas}`;
  }
  return undefined;
}

/** Generation 1 wants three of each, whatever the spec says. */
export function phaseOf(
  generation: StandInGeneration,
  ready: Readonly<Record<string, number>>,
  cluster: AnyObject,
): string {
  const enough = groupsOf(cluster).every(
    (group) => (ready[group.name] ?? 0) >= (generation === 1 ? 3 : group.replicas),
  );
  return enough ? "Running" : "Pending";
}
