import { distinctBy } from "../../domain/distinct.ts";
import type { EffectiveEnvironment } from "../../domain/env/effective.ts";
import { nodeEnvironments } from "../../domain/env/groups.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import type { PodFacts, ServiceAccountFacts, StatefulSetFacts } from "../../domain/workload-facts.ts";
import { command, edit, finding, safeCommand, type Finding, type Fix, type Severity } from "../../domain/finding.ts";
import { editCluster, refOfCluster, replaceOneByOne } from "../../domain/fixes.ts";
import {
  GET_SERVICE_ACCOUNT,
  LIST_CLUSTERS,
  LIST_PODS,
  LIST_STATEFUL_SETS,
  LIST_WEBHOOKS,
} from "../../domain/grants.ts";
import { showsPodIdentity, withoutRole } from "../../domain/identity-use.ts";
import { count, shortList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";
import { faultOf, type PodFault } from "./pod-injection.ts";

const STS_ENDPOINTS = "eks.amazonaws.com/sts-regional-endpoints";

export default defineCheck({
  code: "ANT0311",
  slug: "pods-identity",
  title: "Every pod was given the identity that its ServiceAccount has on AWS",
  area: "aws",
  causes: [
    "epi.pod-predates",
    "epi.proxy",
    "irsa.pod-predates-annotation",
    "irsa.pod-role-stale",
    "irsa.sa-not-used",
    "irsa.sts-regional",
    "irsa.token-unreadable",
    "irsa.webhook-absent",
    "irsa.webhook-partial",
    "irsa.webhook-skipped",
    "irsa.wrong-token-file",
  ],
  needs: ["cluster", "serviceAccount", "pods"],
  wants: ["podIdentity", "identityWebhook", "server", "environments", "references", "backups", "statefulSets"],
  after: ["ANT0101", "ANT0301", "ANT0302"],
  notIn: { files: "files do not show pods", overlay: "the pods that the manifests will make are not there yet" },
  required: false,
  effect: "read",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, LIST_PODS, LIST_STATEFUL_SETS, LIST_WEBHOOKS],
  run: (facts) => {
    const { cluster, serviceAccount: account, pods = [], environments = [] } = facts;
    const { podIdentity, identityWebhook: webhook, server, statefulSets = [] } = facts;
    if (cluster === undefined || account === undefined) return [];
    const { association } = podIdentity ?? {};
    if (account.awsRole === undefined && association === undefined)
      return { skip: `ServiceAccount ${account.name} gives its pods no identity on AWS` };
    const staying = pods.filter((pod) => !pod.terminating);
    if (staying.length === 0) return { skip: "the cluster has no pods" };
    const expected = { account, association, webhook, minor: server?.minor };
    const faults = staying.flatMap((pod) => faultOf(pod, expected) ?? []);
    const severity = withoutRole(facts);
    const keyOf = ({ cause, why }: PodFault): string => `${cause} ${why(true)}`;
    return [
      ...distinctBy(faults, keyOf).map((first) => {
        const mine = faults.filter((fault) => keyOf(fault) === keyOf(first));
        const replaced = mine.every(({ pod }) => isBeingReplaced(pod, cluster, statefulSets));
        return { ...tell(cluster, first, mine, severity), ...(replaced ? { transient: true } : {}) };
      }),
      ...globalEndpoint(cluster, account, staying),
      ...behindProxy(cluster, nodeEnvironments(cluster, environments), staying),
    ];
  },
});

/** The StatefulSet has another template than the pod is of, or is about to get one. */
function isBeingReplaced(
  { group, revision }: PodFacts,
  { groups, serviceAccount = "default" }: ClusterFacts,
  statefulSets: readonly StatefulSetFacts[],
): boolean {
  const name = groups.find((one) => one.name === group)?.statefulSet;
  const set = statefulSets.find((one) => one.name === name);
  if (set === undefined || set.onDelete || set.partition > 0) return false;
  const awaitsOperator = set.serviceAccount !== undefined && set.serviceAccount !== serviceAccount;
  return awaitsOperator || !set.settled || set.revisions.update !== revision;
}

function tell(
  cluster: ClusterFacts,
  { cause, why }: PodFault,
  faults: readonly PodFault[],
  severity: Severity,
): Finding {
  const pods = faults.map(({ pod }) => pod);
  const message = `${count(pods.length, "pod")} (${shortList(pods.map(({ name }) => name))}) ${why(pods.length > 1)}`;
  return finding(cause, severity, refOfCluster(cluster), message, {
    evidence: faults.map(({ pod, want, has }) => ({ label: `pod ${pod.name}`, want, has })),
    fixes: fixesFor(cause, cluster, pods),
    // Pods differ from a ServiceAccount that is wrong, and should.
    ...(cause === "irsa.pod-role-stale" ? { explainedBy: ["ANT0302", "ANT0303", "ANT0304"] as const } : {}),
  });
}

function fixesFor(cause: string, cluster: ClusterFacts, pods: readonly PodFacts[]): Fix[] {
  const { namespace } = cluster;
  switch (cause) {
    case "irsa.webhook-absent":
      return [
        edit("install the amazon-eks-pod-identity-webhook, then delete each pod in turn; to look for it:"),
        safeCommand`kubectl get mutatingwebhookconfigurations`,
      ];
    case "irsa.webhook-partial":
    case "irsa.wrong-token-file":
      return [
        edit("take both variables out of what puts them into the pods, and let the webhook set them; to see who does:"),
        safeCommand`kubectl get pod ${pods[0]?.name ?? ""} -n ${namespace} -o yaml`,
      ];
    case "irsa.token-unreadable":
      return editCluster(cluster, "let the pods have an fsGroup, or update Kubernetes");
    case "irsa.webhook-skipped":
      return [
        edit("take the mark, if there is one, from what puts it there; then:"),
        ...replaceOneByOne(cluster, pods),
      ];
    default:
      return replaceOneByOne(cluster, pods);
  }
}

/** The global endpoint is in one region alone, and out of reach from a private network. */
function globalEndpoint(cluster: ClusterFacts, account: ServiceAccountFacts, pods: readonly PodFacts[]): Finding[] {
  const { namespace } = cluster;
  const said = account.annotations[STS_ENDPOINTS] === "false";
  const legacy = pods.filter(({ identity }) => identity?.variables["AWS_STS_REGIONAL_ENDPOINTS"] === "legacy");
  if (!said && legacy.length === 0) return [];
  const message = said
    ? `${STS_ENDPOINTS} of ServiceAccount ${account.name} is false: older SDKs then ask the global STS, which a private network may not reach`
    : `AWS_STS_REGIONAL_ENDPOINTS is legacy in ${count(legacy.length, "pod")}: older SDKs then ask the global STS, which a private network may not reach`;
  const subject = said ? { kind: "ServiceAccount", namespace, name: account.name } : refOfCluster(cluster);
  return [
    finding("irsa.sts-regional", "warning", subject, message, {
      evidence: [
        {
          label: said ? STS_ENDPOINTS : "AWS_STS_REGIONAL_ENDPOINTS",
          want: said ? "true" : "regional",
          has: said ? "false" : "legacy",
        },
      ],
      fixes: said
        ? [
            command`kubectl annotate serviceaccount ${account.name} -n ${namespace} --overwrite eks.amazonaws.com/sts-regional-endpoints=true`,
            ...replaceOneByOne(cluster, pods),
          ]
        : [edit("take AWS_STS_REGIONAL_ENDPOINTS out of what puts it into the pods")],
    }),
  ];
}

/** Where the agent answers (EKS User Guide, "Configure the Amazon EKS Pod Identity Agent"). */
const AGENT = "169.254.170.23";

/** A proxy that is sent what is for the agent cannot reach it: the address is one of the node itself. */
function behindProxy(
  cluster: ClusterFacts,
  nodes: readonly EffectiveEnvironment[],
  pods: readonly PodFacts[],
): Finding[] {
  const isSet = (pod: PodFacts, ...names: readonly string[]): boolean =>
    names.some(
      (name) =>
        pod.env.some((variable) => variable.name === name) ||
        nodes.some((node) => node.of === pod.group && node.variables[name] !== undefined),
    );
  const behind = pods.filter((pod) => {
    if (!showsPodIdentity(pod) || !isSet(pod, "HTTP_PROXY", "http_proxy")) return false;
    const { NO_PROXY: upper, no_proxy: lower } = pod.identity?.variables ?? {};
    // What it holds cannot be told where it comes from a Secret or a ConfigMap.
    const told = upper ?? lower ?? (isSet(pod, "NO_PROXY", "no_proxy") ? undefined : "");
    return told !== undefined && !told.includes(AGENT) && !told.includes("169.254.") && told.trim() !== "*";
  });
  if (behind.length === 0) return [];
  const message = `${count(behind.length, "pod")} (${shortList(behind.map(({ name }) => name))}) ${behind.length > 1 ? "ask" : "asks"} for credentials through HTTP_PROXY, and no proxy reaches the agent of EKS Pod Identity at ${AGENT}`;
  return [
    finding("epi.proxy", "error", refOfCluster(cluster), message, {
      evidence: behind.map(({ name, identity }) => ({
        label: `pod ${name}`,
        want: `NO_PROXY with ${AGENT}`,
        has: identity?.variables["NO_PROXY"] ?? identity?.variables["no_proxy"] ?? "not set",
      })),
      fixes: [edit(`add ${AGENT} to NO_PROXY where HTTP_PROXY is set`)],
    }),
  ];
}
