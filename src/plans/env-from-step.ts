import { isPlain } from "../domain/env/winners.ts";
import type { ClusterFacts, GroupName, NodeGroup } from "../domain/facts.ts";
import type { JsonPatchOperation, StepOf } from "../domain/plan.ts";

export interface EnvFromInput {
  readonly cluster: ClusterFacts;
  /** `spec.<field>` of each node group as it is on the server. */
  readonly nodes: Readonly<Record<string, unknown>>;
  readonly secret: string;
  /** Node groups that read the Secret, and then a source that sets one of its keys anew. */
  readonly overridden: readonly GroupName[];
}

/** `envFrom` of all node groups that do not name the Secret yet, or name it before a source that wins over it. */
export function envFromStep({ cluster, secret, nodes, overridden }: EnvFromInput): StepOf<"cluster.patch"> | undefined {
  const lacking = cluster.groups.filter((group) => !reads(group, secret) || overridden.includes(group.name));
  if (lacking.length === 0) return undefined;
  const operations: JsonPatchOperation[] = [{ op: "test", path: "/metadata/uid", value: cluster.uid }];
  const inverse: JsonPatchOperation[] = [{ op: "test", path: "/metadata/uid", value: cluster.uid }];
  const diff: string[] = [];
  for (const { name: group, field } of lacking) {
    const before = envFromOf(nodes[field]);
    const path = `/spec/${field}/envFrom`;
    const moved = overridden.includes(group) ? (before ?? []).findLast((entry) => names(entry, secret)) : undefined;
    const after = [...(before ?? []).filter((entry) => entry !== moved), moved ?? { secretRef: { name: secret } }];
    operations.push({ op: "test", path: `/spec/${field}`, value: nodes[field] }, { op: "add", path, value: after });
    inverse.push(
      { op: "test", path, value: after },
      before === undefined ? { op: "remove", path } : { op: "replace", path, value: before },
    );
    const entry = ["  - secretRef:", `      name: ${secret}`];
    diff.push(`  spec.${field}.envFrom:`);
    if (moved !== undefined) diff.push(...entry.map((text) => `- ${text}`), "    … a source that sets the same names");
    diff.push(...entry.map((text) => `+ ${text}`));
  }
  const { namespace, name } = cluster;
  return {
    id: "references",
    title: `let every node group of AntflyCluster ${namespace}/${name} read Secret ${secret}`,
    do: "cluster.patch",
    with: { namespace, name, operations, inverse },
    undo: "auto",
    diff,
  };
}

function reads(group: NodeGroup, secret: string): boolean {
  return group.envFrom.some((source) => isPlain(source, secret));
}

/** An entry of `envFrom` as it is on the server. */
function names(entry: unknown, secret: string): boolean {
  const { secretRef, prefix } = (entry ?? {}) as { secretRef?: { name?: unknown } | null; prefix?: unknown };
  return secretRef?.name === secret && (prefix === undefined || prefix === null || prefix === "");
}

function envFromOf(node: unknown): readonly unknown[] | undefined {
  const list = (node as { envFrom?: unknown } | null | undefined)?.envFrom;
  return Array.isArray(list) ? list : undefined;
}

/** The same as a merge patch of the AntflyCluster. */
export function envFromPatch({ with: { operations } }: StepOf<"cluster.patch">): object {
  const spec = Object.fromEntries(
    operations.flatMap(({ op, path, value }) => (op === "add" ? [[path.split("/")[2], { envFrom: value }]] : [])),
  );
  return { spec };
}
