import { lineDiff } from "../domain/line-diff.ts";
import type { JsonPatchOperation, Step } from "../domain/plan.ts";
import type { AccountInput, IdentityInput, UnconnectedBackup } from "./identity-input.ts";

export const ROLE_ARN = "eks.amazonaws.com/role-arn";
export const MANAGED_BY = { "app.kubernetes.io/managed-by": "antfly-creds" } as const;

/** The ServiceAccount, made where it is missing, with these annotations. No step where it has them. */
export function accountStep(
  namespace: string,
  { name, existing, pullSecrets: has }: AccountInput,
  annotations: Readonly<Record<string, string>>,
): Step | undefined {
  const wanted = Object.entries(annotations);
  const changed = wanted.filter(([key, value]) => existing?.annotations[key] !== value);
  if (existing !== undefined && changed.length === 0) return undefined;
  const ours = existing === undefined || existing.labels["app.kubernetes.io/managed-by"] === "antfly-creds";
  // Server-side apply takes away what its manager once wrote and does not write again.
  const pullSecrets = ours ? has : [];
  const before = Object.fromEntries(
    wanted.flatMap(([key]) => {
      const old = existing?.annotations[key];
      return old === undefined ? [] : [[key, old] as const];
    }),
  );
  return {
    id: "service-account",
    title: `${existing === undefined ? "create" : "annotate"} ServiceAccount ${namespace}/${name}`,
    do: "service-account.apply",
    with: { namespace, name, uid: existing?.uid, labels: ours ? MANAGED_BY : {}, annotations, pullSecrets, before },
    undo: "auto",
    diff: [
      ...changed.flatMap(([key, value]) => [
        ...(before[key] === undefined ? [] : [`- ${key}: ${before[key]}`]),
        `+ ${key}: ${value}`,
      ]),
      ...(existing === undefined ? pullSecrets : []).map(
        (secret) => `+ imagePullSecrets: ${secret}, as the pods have it now`,
      ),
    ],
  };
}

/** Takes an annotation off, whoever has set it: server-side apply would take off its own alone. */
export function withoutAnnotationStep(
  namespace: string,
  { name, existing }: AccountInput,
  annotation: string,
): Step | undefined {
  const value = existing?.annotations[annotation];
  if (existing === undefined || value === undefined) return undefined;
  const path = `/metadata/annotations/${annotation.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  const guard: JsonPatchOperation = { op: "test", path: "/metadata/uid", value: existing.uid };
  return {
    id: "service-account-annotation",
    title: `take ${annotation} off ServiceAccount ${namespace}/${name}`,
    do: "service-account.patch",
    with: {
      namespace,
      name,
      operations: [guard, { op: "test", path, value }, { op: "remove", path }],
      inverse: [guard, { op: "add", path, value }],
    },
    undo: "auto",
    diff: [`- ${annotation}: ${value}`],
  };
}

/** The AntflyCluster: which ServiceAccount its pods run as, and the connections of its backups. It rolls the pods once. */
export function clusterStep({ cluster, spec, account, use }: IdentityInput): Step | undefined {
  const guard: JsonPatchOperation = { op: "test", path: "/metadata/uid", value: cluster.uid };
  const operations: JsonPatchOperation[] = [
    guard,
    // Goes up with each change of the spec, and not with the operator's writes of the status.
    { op: "test", path: "/metadata/generation", value: cluster.generation },
  ];
  const inverse: JsonPatchOperation[] = [guard];
  const diff: string[] = [];
  const set = (field: string, after: string, lines: readonly string[]): void => {
    const path = `/spec/${field}`;
    const before = spec[field];
    operations.push({ op: "add", path, value: after });
    inverse.push(
      { op: "test", path, value: after },
      before === undefined ? { op: "remove", path } : { op: "replace", path, value: before },
    );
    diff.push(`  spec.${field}:`, ...lines);
  };
  if (cluster.serviceAccount !== account.name) {
    const old = cluster.serviceAccount === undefined ? [] : [`- ${cluster.serviceAccount}`];
    set("serviceAccountName", account.name, [...old, `+ ${account.name}`]);
  }
  const config = typeof spec["config"] === "string" ? spec["config"] : "";
  if (use !== undefined && use.config !== config) set("config", use.config, lineDiff(config, use.config));
  if (diff.length === 0) return undefined;
  const { namespace, name } = cluster;
  return {
    id: "cluster",
    title: `let the pods of AntflyCluster ${namespace}/${name} run as ServiceAccount ${account.name}${use === undefined || use.config === config ? "" : ", and its backups use that identity"}`,
    do: "cluster.patch",
    with: { namespace, name, operations, inverse },
    undo: "auto",
    diff,
  };
}

/** A backup that names the connection. `credentialsSecret` goes with it: the operator refuses both. */
export function backupStep(backup: UnconnectedBackup): Step {
  const { kind, namespace, name, uid, generation, field, place, connection } = backup;
  const path = `/spec/${field}`;
  const { credentialsSecret, ...rest } = place;
  const after = { ...rest, connection };
  const old = (credentialsSecret as { name?: unknown } | null | undefined)?.name;
  return {
    id: `${kind === "AntflyBackup" ? "backup" : "restore"}-${name}`,
    title: `let ${kind} ${namespace}/${name} use connection ${connection}`,
    do: "backup.patch",
    with: {
      kind,
      namespace,
      name,
      operations: [
        { op: "test", path: "/metadata/uid", value: uid },
        { op: "test", path: "/metadata/generation", value: generation },
        { op: "add", path, value: after },
      ],
      inverse: [
        { op: "test", path: "/metadata/uid", value: uid },
        { op: "test", path, value: after },
        { op: "replace", path, value: place },
      ],
    },
    undo: "auto",
    diff: [
      `  spec.${field}:`,
      ...(typeof old === "string" ? [`- credentialsSecret: {name: ${old}}`] : []),
      `+ connection: ${connection}`,
    ],
  };
}
