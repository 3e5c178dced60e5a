import { describeSource, type EnvFromSource } from "../../domain/env/effective.ts";
import type { ClusterFacts, PodFacts, ReferenceFacts, SecretFacts, StatefulSetFacts } from "../../domain/facts.ts";
import { command, edit, safeCommand, finding, type Finding } from "../../domain/finding.ts";
import { GET_SECRETS, LIST_PODS } from "../../domain/grants.ts";
import type { Generation } from "../../domain/operator/generation.ts";
import { count, sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0701",
  slug: "stale-pods",
  title: "Every pod holds the current values",
  area: "rollout",
  needs: ["cluster", "references", "pods", "operator"],
  wants: ["statefulSets"],
  after: ["ANT0201"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [GET_SECRETS, LIST_PODS],
  run: ({ cluster, references, pods, operator, statefulSets }) => {
    if (cluster === undefined || references === undefined) return [];
    const live = (pods ?? []).filter((pod) => !pod.terminating);
    const drifted = live.filter((pod) => pod.startedAt !== undefined && !sameSources(pod, cluster));
    const current = live.filter((pod) => !drifted.includes(pod));
    const ages = current.flatMap((pod) => agesOf(pod, references));
    const undecided = ages.filter((age) => age.verdict === "unknown");
    const findings = [
      ...(drifted.length === 0 ? [] : [drift(cluster, drifted)]),
      ...stale(
        cluster,
        references,
        ages.filter((age) => age.verdict === "may-be-stale"),
        operator?.generation,
        statefulSets ?? [],
      ),
    ];
    if (undecided.length === 0) return findings;
    const secrets = [...new Set(undecided.map((age) => age.secret))];
    const why = `Secret ${sentenceList(secrets)} has no managedFields: when its data changed cannot be told`;
    return { findings, undecided: [why] };
  },
});

interface Age {
  readonly pod: PodFacts;
  readonly secret: string;
  readonly facts: SecretFacts;
  readonly verdict: "fresh" | "may-be-stale" | "unknown";
}

/**
 * A container's environment is a copy made when it started. `dataChangedAt` is an upper bound of the last change of the
 * data, so a container that started later is certainly fresh, and one that started before may be stale. Both times are
 * whole seconds: in the same second, only a Secret that has not changed since it was created leaves no doubt.
 */
function agesOf(pod: PodFacts, references: ReferenceFacts): Age[] {
  const { startedAt } = pod;
  if (startedAt === undefined) return [];
  return pod.envFrom.flatMap((source): Age[] => {
    const fact = source.kind === "Secret" ? references.secrets[source.name] : undefined;
    if (fact?.state !== "known") return [];
    const { dataChangedAt, createdAt } = fact.value;
    const base = { pod, secret: source.name, facts: fact.value };
    if (dataChangedAt === undefined) return [{ ...base, verdict: "unknown" }];
    const [started, changed] = [Date.parse(startedAt), Date.parse(dataChangedAt)];
    const bornWithIt = started === changed && createdAt === dataChangedAt && !source.optional;
    return [{ ...base, verdict: started > changed || bornWithIt ? "fresh" : "may-be-stale" }];
  });
}

function stale(
  cluster: ClusterFacts,
  references: ReferenceFacts,
  ages: readonly Age[],
  generation: Generation | undefined,
  statefulSets: readonly StatefulSetFacts[],
): Finding[] {
  const secrets = [...new Set(ages.map((age) => age.secret))];
  return secrets.map((secret) => {
    const mine = ages.filter((age) => age.secret === secret);
    const pods = mine.map((age) => age.pod);
    const certain = generation === 1 && pods.every((pod) => contentDiffers(pod, references));
    const verb = certain ? `still hold${pods.length === 1 ? "s" : ""}` : "may still hold";
    const changed = mine[0]?.facts.dataChangedAt ?? "";
    const message = `${count(pods.length, "pod")} ${verb} earlier values of Secret ${secret}, changed ${changed}: ${sentenceList(pods.map((pod) => pod.name))}`;
    const because =
      generation === 1
        ? "this operator replaces them at its next reconcile only"
        : "this operator never replaces pods when a value changes";
    return finding(
      "k8s.stale-pod-env",
      certain ? "error" : "warning",
      { kind: "Secret", namespace: cluster.namespace, name: secret },
      message,
      {
        evidence: [
          ...pods.map((pod) => ({
            label: `pod ${pod.name}`,
            want: `started after ${changed}`,
            has: `started ${pod.startedAt}`,
          })),
          ...(generation === undefined ? [] : [{ label: "operator", has: because }]),
        ],
        fixes: fixesFor(cluster, pods, generation),
        transient: pods.every((pod) => isBeingReplaced(pod, cluster, statefulSets)),
      },
    );
  });
}

/** The template has moved on from what the pod was made of: the StatefulSet will replace it. Otherwise nobody will. */
function isBeingReplaced(
  { group, envFromHash }: PodFacts,
  { groups }: ClusterFacts,
  statefulSets: readonly StatefulSetFacts[],
): boolean {
  const name = groups.find((one) => one.name === group)?.statefulSet;
  const template = statefulSets.find((one) => one.name === name);
  return template !== undefined && template.envFromHash !== envFromHash;
}

/** Generation 1 stamped the template with a hash of what it read; another hash now proves other content. */
function contentDiffers(pod: PodFacts, references: ReferenceFacts): boolean {
  const content = references.hashes[pod.group]?.content;
  return pod.envFromHash !== undefined && content !== undefined && pod.envFromHash !== content;
}

function fixesFor(
  cluster: ClusterFacts,
  pods: readonly PodFacts[],
  generation: Generation | undefined,
): Finding["fixes"] {
  const { namespace, name } = cluster;
  if (generation === 1) {
    return [
      command`kubectl annotate antflycluster ${name} -n ${namespace} --overwrite antfly-creds/touched="$(date +%s)"`,
    ];
  }
  return [
    edit(
      "delete the pods one at a time, each after the one before is Ready again (kubectl rollout restart is undone by the operator):",
    ),
    ...[...pods]
      .sort((a, b) => order(a) - order(b))
      .map((pod) => command`kubectl delete pod ${pod.name} -n ${namespace}`),
  ];
}

/** Metadata nodes before data nodes. */
function order(pod: PodFacts): number {
  return pod.group === "metadata" ? 0 : 1;
}

function drift(cluster: ClusterFacts, pods: readonly PodFacts[]): Finding {
  const message = `${count(pods.length, "pod")} ${pods.length === 1 ? "does" : "do"} not have the envFrom of AntflyCluster ${cluster.name} yet: ${sentenceList(pods.map((pod) => pod.name))}`;
  return finding(
    "k8s.cr-vs-pod-drift",
    "warning",
    { kind: "AntflyCluster", namespace: cluster.namespace, name: cluster.name },
    message,
    {
      evidence: pods.map((pod) => ({
        label: `pod ${pod.name}`,
        want: sources(expected(pod, cluster)),
        has: sources(pod.envFrom),
      })),
      fixes: [
        safeCommand`kubectl get statefulset -n ${cluster.namespace} -l app.kubernetes.io/instance=${cluster.name}`,
      ],
      transient: true,
    },
  );
}

function expected(pod: PodFacts, cluster: ClusterFacts): readonly EnvFromSource[] {
  return cluster.groups.find((group) => group.name === pod.group)?.envFrom ?? [];
}

function sameSources(pod: PodFacts, cluster: ClusterFacts): boolean {
  return sources(pod.envFrom) === sources(expected(pod, cluster));
}

function sources(list: readonly EnvFromSource[]): string {
  return list.map(describeSource).join(", ") || "none";
}
