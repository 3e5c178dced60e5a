import { isComplete, type EffectiveEnvironment } from "../../domain/env/effective.ts";
import { describeGroups, nodeEnvironments } from "../../domain/env/groups.ts";
import { CREDENTIAL_KEYS, REQUIRED_KEYS, staticKeysUse, whyMissing } from "../../domain/env/static-keys.ts";
import type { BackupFacts, ClusterFacts } from "../../domain/facts.ts";
import { command, finding, type Finding } from "../../domain/finding.ts";
import { GET_SECRETS, LIST_BACKUPS, LIST_RESTORES } from "../../domain/grants.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0206",
  slug: "nodes-have-credentials",
  title: "All nodes have the same credential, not only the backup Job",
  area: "references",
  causes: ["antfly.backup-creds-in-wrong-pod", "k8s.component-mismatch"],
  needs: ["cluster", "environments", "backups"],
  after: ["ANT0201"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [GET_SECRETS, LIST_BACKUPS, LIST_RESTORES],
  run: ({ cluster, environments, backups }) => {
    if (cluster === undefined || environments === undefined) return [];
    const use = staticKeysUse(cluster, environments, backups ?? []);
    const nodes = nodeEnvironments(cluster, environments);
    if (!use.used) return nodes.every(isComplete) ? { skip: use.because } : [];
    if (!nodes.every(isComplete)) return [];
    return [
      ...groupsDiffer(cluster, nodes),
      ...(backups ?? []).flatMap((backup) => jobAlone(cluster, nodes, backup, environments)),
    ];
  },
});

function groupsDiffer(cluster: ClusterFacts, nodes: readonly EffectiveEnvironment[]): Finding[] {
  const differing = CREDENTIAL_KEYS.filter((key) => new Set(nodes.map((node) => fingerprintOf(node, key))).size > 1);
  // A prefix or another spelling on one group is ANT0202's finding.
  const own = differing.filter((key) =>
    nodes.every((node) => ["not-there", undefined].includes(whyMissing(node, key)?.why)),
  );
  if (own.length === 0) return [];
  const without = nodes.filter((node) => own.some((key) => node.variables[key] === undefined));
  const message =
    without.length > 0
      ? `The ${describeGroups(without.map((node) => node.of))} do not have ${sentenceList(own)}, which the ${describeGroups(nodes.filter((node) => !without.includes(node)).map((node) => node.of))} have; both write backups`
      : `The ${describeGroups(nodes.map((node) => node.of))} have different values for ${sentenceList(own)}`;
  const required = own.some((key) => (REQUIRED_KEYS as readonly string[]).includes(key));
  const source = nodes
    .flatMap((node) => node.variables[own[0] ?? ""]?.from?.source ?? [])
    .find((one) => one.kind === "Secret");
  return [
    finding(
      "k8s.component-mismatch",
      required ? "error" : "warning",
      { kind: "AntflyCluster", namespace: cluster.namespace, name: cluster.name },
      message,
      {
        evidence: nodes.map((node) => ({
          label: `${node.of} nodes`,
          has: own.map((key) => `${key}: ${node.variables[key]?.from?.source.name ?? "not set"}`).join(", "),
          path: `/spec/${cluster.groups.find((group) => group.name === node.of)?.field ?? ""}/envFrom`,
        })),
        fixes:
          source === undefined
            ? []
            : [command`antfly-creds init secret ${cluster.name} -n ${cluster.namespace} --secret-name ${source.name}`],
      },
    ),
  ];
}

/** The Job's command only calls the cluster's API; the nodes write to the bucket with their own environment. */
function jobAlone(
  cluster: ClusterFacts,
  nodes: readonly EffectiveEnvironment[],
  backup: BackupFacts,
  environments: readonly EffectiveEnvironment[],
): Finding[] {
  const job = environments.find((environment) => environment.of === `${backup.kind}/${backup.name}`);
  if (job === undefined || backup.credentialsSecret === undefined) return [];
  const held = REQUIRED_KEYS.filter((key) => job.variables[key] !== undefined);
  const subject = { kind: backup.kind, namespace: backup.namespace, name: backup.name };
  const evidence = [
    { label: "Job", has: `Secret ${backup.credentialsSecret}`, path: `/spec/${backup.field}/credentialsSecret/name` },
    ...nodes.map((node) => ({
      label: `${node.of} nodes`,
      has: node.variables[REQUIRED_KEYS[0]]?.from?.source.name ?? "no access key",
    })),
  ];
  const options = {
    evidence,
    fixes: [
      command`antfly-creds init secret ${cluster.name} -n ${cluster.namespace} --secret-name ${backup.credentialsSecret}`,
    ],
  };
  if (
    held.length > 0 &&
    nodes.every((node) => REQUIRED_KEYS.every((key) => whyMissing(node, key)?.why === "not-there"))
  ) {
    const message = `Only the Job of ${backup.kind} ${backup.name} has the credential (credentialsSecret ${backup.credentialsSecret}); the nodes write to ${backup.location}, and they have none`;
    return [finding("antfly.backup-creds-in-wrong-pod", "error", subject, message, options)];
  }
  const differs = held.filter((key) =>
    nodes.some((node) => node.variables[key] !== undefined && fingerprintOf(node, key) !== fingerprintOf(job, key)),
  );
  if (differs.length === 0) return [];
  const message = `credentialsSecret ${backup.credentialsSecret} of ${backup.kind} ${backup.name} differs from what the nodes have in ${sentenceList(differs)}; the nodes' values are the ones that are used`;
  return [finding("antfly.backup-creds-in-wrong-pod", "warning", subject, message, options)];
}

function fingerprintOf(environment: EffectiveEnvironment, key: string): string | undefined {
  const variable = environment.variables[key];
  return variable === undefined ? undefined : (variable.from?.facts.fingerprint ?? "env");
}
