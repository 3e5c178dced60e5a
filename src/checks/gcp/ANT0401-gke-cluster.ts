import type { PodFacts } from "../../domain/workload-facts.ts";
import { edit, finding, type Finding, type Severity } from "../../domain/finding.ts";
import { workloadPoolOf } from "../../domain/gcp/gke-name.ts";
import { reliesOnGoogle, withoutGoogle } from "../../domain/gcp/google-use.ts";
import type { GkeClusterFacts, GkeNodePool, NodeFacts } from "../../domain/google-facts.ts";
import { GET_GKE_CLUSTER, LIST_GKE_CLUSTERS } from "../../domain/google-grants.ts";
import { GET_SERVICE_ACCOUNT, LIST_CLUSTERS, LIST_NODES, LIST_PODS } from "../../domain/grants.ts";
import { count, sentenceList, shortList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";
import { metadataServer, workloadPool } from "./google-fixes.ts";
import { NOT_GKE, notMeant } from "./not-google.ts";

const METADATA_SERVER = "GKE_METADATA";

export default defineCheck({
  code: "ANT0401",
  slug: "gke-workload-identity",
  title: "Workload Identity is on in the GKE cluster and in the node pools that run the pods",
  area: "gcp",
  causes: ["gke.nodepool-metadata", "gke.pool-disabled"],
  needs: ["cluster", "serviceAccount", "pods", "gkeCluster"],
  wants: ["nodes", "googleAims", "operator"],
  after: ["ANT0101", "ANT0301"],
  required: true,
  requiredIf: (facts, { policy }) => reliesOnGoogle(facts, policy),
  effect: "read",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, LIST_PODS, LIST_NODES],
  googleGrants: [GET_GKE_CLUSTER, LIST_GKE_CLUSTERS],
  run: (facts, { policy }) => {
    const { cluster, gkeCluster: gke, pods = [], nodes } = facts;
    if (cluster === undefined) return [];
    const not = notMeant(facts);
    if (not !== undefined) return not;
    if (gke === undefined) return NOT_GKE;
    const severity = withoutGoogle(facts, policy);
    if (gke.workloadPool === undefined) return [poolOff(gke, severity)];
    if (gke.autopilot) return [];
    const without = gke.nodePools.filter(({ metadataMode }) => metadataMode !== METADATA_SERVER);
    if (without.length === 0) return [];
    const staying = pods.filter(({ terminating, node }) => !terminating && node !== undefined);
    if (staying.length === 0) return nobodyRuns(gke, without, severity);
    const lost = staying.filter(({ node }) => poolOf(node, nodes ?? []) === undefined);
    const findings = without.flatMap((pool) => {
      const there = staying.filter(({ node }) => poolOf(node, nodes ?? []) === pool.name);
      return there.length === 0 ? [] : [nodePool(gke, pool, there, severity)];
    });
    const names = without.map(({ name }) => name);
    return {
      findings,
      undecided:
        lost.length === 0
          ? []
          : [
              `whether ${shortList(lost.map(({ name }) => name))} runs in node pool ${sentenceList(names)}, where pods have no identity of their own, the nodes would tell`,
            ],
    };
  },
});

function poolOf(node: string | undefined, nodes: readonly NodeFacts[]): string | undefined {
  return nodes.find(({ name }) => name === node)?.pool;
}

function refOf({ name }: GkeClusterFacts): Finding["subject"] {
  return { kind: "GKECluster", name };
}

function poolOff(gke: GkeClusterFacts, severity: Severity): Finding {
  const pool = workloadPoolOf(gke.project);
  const message = `GKE cluster ${gke.name} has no workload pool: its pods have no identity of their own on Google Cloud, and speak as their node`;
  return finding("gke.pool-disabled", severity, refOf(gke), message, {
    evidence: [{ label: "workloadIdentityConfig.workloadPool", want: pool, has: "not set" }],
    fixes: [
      workloadPool(gke, pool),
      edit("then the node pools that are there, whose nodes are made anew:"),
      ...gke.nodePools.map(({ name }) => metadataServer(gke, name)),
    ],
  });
}

function nodePool(gke: GkeClusterFacts, pool: GkeNodePool, pods: readonly PodFacts[], severity: Severity): Finding {
  const { name } = pool;
  const message = `Node pool ${name} of GKE cluster ${gke.name} runs ${count(pods.length, "pod")} (${shortList(pods.map((pod) => pod.name))}) and gives pods no identity of their own: Google sees the node's service account`;
  return finding("gke.nodepool-metadata", severity, { kind: "GKENodePool", name }, message, {
    evidence: [mode(pool), ...pods.map(({ name: pod, node }) => ({ label: `pod ${pod}`, has: `node ${node ?? ""}` }))],
    fixes: [edit("this makes the nodes of the pool anew, and the pods with them:"), metadataServer(gke, name)],
  });
}

function mode({ name, metadataMode }: GkeNodePool): Finding["evidence"][number] {
  return { label: `${name}: workloadMetadataConfig.mode`, want: METADATA_SERVER, has: metadataMode ?? "not set" };
}

/** Where pods will come to run nobody can tell while there are none. */
function nobodyRuns(gke: GkeClusterFacts, without: readonly GkeNodePool[], severity: Severity): Finding[] {
  const names = without.map(({ name }) => name);
  const all = without.length === gke.nodePools.length;
  const message = `${all ? "No node pool" : `Node pool ${sentenceList(names)}`} of GKE cluster ${gke.name} ${all ? "gives" : `${names.length > 1 ? "give" : "gives"} no`} pods an identity of their own${all ? "" : ", should they come to run there"}`;
  return [
    finding("gke.nodepool-metadata", all ? severity : "info", refOf(gke), message, {
      evidence: without.map(mode),
      fixes: [edit("this makes the nodes of a pool anew:"), ...names.map((name) => metadataServer(gke, name))],
    }),
  ];
}
