import type { ClusterFacts, NodeGroup } from "../domain/facts.ts";
import type { JsonPatchOperation, Plan, Step } from "../domain/plan.ts";
import type { Target } from "../domain/report.ts";

/** One key of the Secret and what happens to it. `shown` is a value that is no secret, such as the endpoint. */
export interface KeyChange {
  readonly key: string;
  readonly change: "add" | "replace" | "keep";
  readonly bytes: number;
  readonly shown: string | undefined;
}

export interface InitSecretInput {
  readonly target: Target;
  readonly cluster: ClusterFacts;
  /** `spec.<field>` of each node group as it is on the server. */
  readonly nodes: Readonly<Record<string, unknown>>;
  readonly secret: string;
  /** The Secret that is there, if any. */
  readonly existing: { readonly uid: string; readonly resourceVersion: string } | undefined;
  readonly keys: readonly KeyChange[];
}

/** The Secret first, then the references to it: pods that roll find it. No steps when nothing is to change. */
export function planInitSecret(input: InitSecretInput): Plan {
  const { target, cluster, existing } = input;
  const steps = [secretStep(input), clusterStep(input)].filter((step) => step !== undefined);
  const basis = {
    [`AntflyCluster ${cluster.name} uid`]: cluster.uid,
    [`AntflyCluster ${cluster.name} generation`]: String(cluster.generation),
    [`Secret ${input.secret} resourceVersion`]: existing?.resourceVersion ?? "absent",
  };
  return { schema: 1, kind: "init", target, basis, steps };
}

function secretStep({ cluster, secret, existing, keys }: InitSecretInput): Step | undefined {
  const { namespace } = cluster;
  const changed = keys.filter((key) => key.change !== "keep");
  if (changed.length === 0) return undefined;
  const width = Math.max(...keys.map((key) => key.key.length));
  const line = (sign: string, { key, shown, bytes }: KeyChange): string =>
    `${sign} ${key.padEnd(width)}  ${shown ?? `${bytes} bytes (not shown)`}`;
  const diff = keys.flatMap((key) => {
    if (key.change === "keep") return [`  ${key.key.padEnd(width)}  unchanged`];
    return key.change === "add" ? [line("+", key)] : [`- ${key.key.padEnd(width)}  (not shown)`, line("+", key)];
  });
  const names = changed.map((key) => key.key);
  if (existing === undefined) {
    return {
      id: "secret",
      title: `create Secret ${namespace}/${secret}`,
      do: "secret.create",
      with: { namespace, name: secret, keys: names },
      undo: "auto",
      diff,
    };
  }
  return {
    id: "secret",
    title: `change Secret ${namespace}/${secret}`,
    do: "secret.patch",
    with: { namespace, name: secret, resourceVersion: existing.resourceVersion, keys: names },
    undo: "auto",
    diff,
  };
}

/** `envFrom` of all node groups that do not name the Secret yet. */
function clusterStep({ cluster, secret, nodes }: InitSecretInput): Step | undefined {
  const lacking = cluster.groups.filter((group) => !reads(group, secret));
  if (lacking.length === 0) return undefined;
  const entry = { secretRef: { name: secret } };
  const operations: JsonPatchOperation[] = [{ op: "test", path: "/metadata/uid", value: cluster.uid }];
  const inverse: JsonPatchOperation[] = [{ op: "test", path: "/metadata/uid", value: cluster.uid }];
  const diff: string[] = [];
  for (const { field } of lacking) {
    const before = envFromOf(nodes[field]);
    const path = `/spec/${field}/envFrom`;
    const after = [...(before ?? []), entry];
    operations.push({ op: "test", path: `/spec/${field}`, value: nodes[field] }, { op: "add", path, value: after });
    inverse.push(
      { op: "test", path, value: after },
      before === undefined ? { op: "remove", path } : { op: "replace", path, value: before },
    );
    diff.push(`  spec.${field}.envFrom:`, "+   - secretRef:", `+       name: ${secret}`);
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
  return group.envFrom.some((source) => source.kind === "Secret" && source.name === secret && source.prefix === "");
}

function envFromOf(node: unknown): readonly unknown[] | undefined {
  const list = (node as { envFrom?: unknown } | null | undefined)?.envFrom;
  return Array.isArray(list) ? list : undefined;
}

/** The same change as files: the Secret, and a merge patch for the AntflyCluster. */
export function asFiles(
  plan: Plan,
  folder: string,
  cluster: ClusterFacts,
  renderYaml: (object: unknown) => string,
): Plan {
  const steps = plan.steps.map((step): Step => {
    if (step.do === "secret.create" || step.do === "secret.patch") {
      const { namespace, name, keys } = step.with;
      const path = `${folder}/secret-${name}.yaml`;
      return {
        id: step.id,
        title: `write ${path}`,
        do: "file.secret",
        with: { path, namespace, name, keys },
        undo: "auto",
        diff: step.diff,
      };
    }
    if (step.do !== "cluster.patch") return step;
    const path = `${folder}/antflycluster-${cluster.name}.patch.yaml`;
    const spec = Object.fromEntries(
      step.with.operations.flatMap(({ op, path: pointer, value }) =>
        op === "add" ? [[pointer.split("/")[2], { envFrom: value }]] : [],
      ),
    );
    return {
      id: step.id,
      title: `write ${path}`,
      do: "file.write",
      with: { path, content: renderYaml({ spec }) },
      undo: "auto",
      diff: step.diff,
    };
  });
  return { ...plan, steps };
}
