import { isPlain } from "../domain/env/winners.ts";
import type { ClusterFacts, GroupName, NodeGroup } from "../domain/facts.ts";
import type { JsonPatchOperation, Plan, Step } from "../domain/plan.ts";
import type { Target } from "../domain/report.ts";
import { count } from "../domain/text.ts";
import { hmacSteps, type HmacInput } from "./hmac-steps.ts";

/** One key of the Secret and what happens to it. `shown` is a value that is no secret, such as the endpoint. */
export interface KeyChange {
  readonly key: string;
  readonly change: "add" | "replace" | "keep" | "remove";
  readonly bytes: number;
  readonly shown: string | undefined;
}

export interface InitSecretInput {
  /** A key that is made for the Secret. */
  readonly hmac?: HmacInput | undefined;
  readonly target: Target;
  readonly cluster: ClusterFacts;
  /** `spec.<field>` of each node group as it is on the server. */
  readonly nodes: Readonly<Record<string, unknown>>;
  readonly secret: string;
  /** The Secret that is there, if any. */
  readonly existing: { readonly uid: string; readonly resourceVersion: string } | undefined;
  readonly keys: readonly KeyChange[];
  /** Node groups that read the Secret, and then a source that sets one of its keys anew. */
  readonly overridden: readonly GroupName[];
}

/** The Secret first, then the references to it: pods that roll find it. No steps when nothing is to change. */
export function planInitSecret(input: InitSecretInput): Plan {
  const { target, cluster, existing, hmac } = input;
  const made = hmac === undefined ? [] : hmacSteps(hmac);
  const steps = [...made, secretStep(input), clusterStep(input)].filter((step) => step !== undefined);
  const basis = {
    [`AntflyCluster ${cluster.name} uid`]: cluster.uid,
    [`AntflyCluster ${cluster.name} generation`]: String(cluster.generation),
    [`Secret ${input.secret} resourceVersion`]: existing?.resourceVersion ?? "absent",
    ...Object.fromEntries((hmac?.buckets ?? []).map(({ name, etag = "" }) => [`policy of bucket ${name}`, etag])),
  };
  return { schema: 1, kind: "init", target, basis, steps };
}

function secretStep({ cluster, secret, existing, keys }: InitSecretInput): Step | undefined {
  const { namespace } = cluster;
  if (keys.every((key) => key.change === "keep")) return undefined;
  const written = keys.filter((key) => key.change === "add" || key.change === "replace").map((key) => key.key);
  const remove = keys.filter((key) => key.change === "remove").map((key) => key.key);
  const diff = secretDiff(keys);
  if (existing === undefined) {
    return {
      id: "secret",
      title: `create Secret ${namespace}/${secret}`,
      do: "secret.create",
      with: { namespace, name: secret, keys: written },
      undo: "auto",
      diff,
    };
  }
  return {
    id: "secret",
    title: `change Secret ${namespace}/${secret}`,
    do: "secret.patch",
    with: { namespace, name: secret, resourceVersion: existing.resourceVersion, keys: written, remove },
    undo: "auto",
    diff,
  };
}

function secretDiff(keys: readonly KeyChange[]): string[] {
  const width = Math.max(...keys.map((key) => key.key.length));
  const line = (sign: string, key: string, what: string): string => `${sign} ${key.padEnd(width)}  ${what}`;
  return keys.flatMap(({ key, change, shown, bytes }) => {
    const value = shown ?? `${count(bytes, "byte")} (not shown)`;
    switch (change) {
      case "keep":
        return [line(" ", key, "unchanged")];
      case "add":
        return [line("+", key, value)];
      case "replace":
        return [line("-", key, "(not shown)"), line("+", key, value)];
      default:
        return [line("-", key, "removed: it belongs to the old access key")];
    }
  });
}

/** `envFrom` of all node groups that do not name the Secret yet, or name it before a source that wins over it. */
function clusterStep({ cluster, secret, nodes, overridden }: InitSecretInput): Step | undefined {
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

/** The same change as files: the Secret with all of `keys`, and a merge patch for the AntflyCluster. */
export function asFiles(
  plan: Plan,
  target: { readonly folder: string; readonly cluster: string; readonly keys: readonly string[] },
  renderYaml: (object: unknown) => string,
): Plan {
  const folder = target.folder.replace(/(?<=.)\/+$/, "");
  const steps = plan.steps.map((step): Step => {
    if (step.do === "secret.create" || step.do === "secret.patch") {
      const { namespace, name } = step.with;
      const path = `${folder}/secret-${name}.yaml`;
      return {
        id: step.id,
        title: `write ${path}`,
        do: "file.secret",
        with: { path, namespace, name, keys: target.keys },
        undo: "auto",
        diff: step.diff,
      };
    }
    if (step.do !== "cluster.patch") return step;
    const path = `${folder}/antflycluster-${target.cluster}.patch.yaml`;
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
