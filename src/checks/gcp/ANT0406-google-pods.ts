import type { EffectiveEnvironment } from "../../domain/env/effective.ts";
import { describeGroups, nodeEnvironments } from "../../domain/env/groups.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import type { PodFacts } from "../../domain/workload-facts.ts";
import { command, edit, finding, type Finding, type Severity } from "../../domain/finding.ts";
import { refOfCluster } from "../../domain/fixes.ts";
import { reliesOnGoogle, withoutGoogle } from "../../domain/gcp/google-use.ts";
import { metadataAddresses, metadataReach, type NetworkPolicyFacts } from "../../domain/gcp/metadata-egress.ts";
import { GET_GKE_CLUSTER } from "../../domain/google-grants.ts";
import {
  GET_SECRETS,
  GET_SERVICE_ACCOUNT,
  LIST_CLUSTERS,
  LIST_NETWORK_POLICIES,
  LIST_PODS,
} from "../../domain/grants.ts";
import { count, sentenceList, shortList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";
import { notMeant } from "./not-google.ts";
import { OWN_KEY, ownKeySetters } from "./own-key.ts";

export default defineCheck({
  code: "ANT0406",
  slug: "google-pods",
  title: "The pods reach GKE's metadata server, and no key in them comes before it",
  area: "gcp",
  causes: ["gke.gac-shadows", "gke.hostnetwork", "gke.networkpolicy"],
  needs: ["cluster", "serviceAccount", "environments", "networkPolicies"],
  wants: ["pods", "googleAims", "gkeCluster", "operator"],
  after: ["ANT0101", "ANT0201"],
  required: true,
  requiredIf: (facts, { policy }) => reliesOnGoogle(facts, policy),
  effect: "read",
  severity: "error",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, GET_SECRETS, LIST_PODS, LIST_NETWORK_POLICIES],
  // Which of the two addresses counts: without it both have to be open.
  googleGrants: [{ ...GET_GKE_CLUSTER, optional: true }],
  run: (facts, { policy, mode }) => {
    const { cluster, serviceAccount, environments = [], networkPolicies = [], pods, gkeCluster } = facts;
    if (cluster === undefined) return [];
    const not = notMeant(facts);
    if (not !== undefined) return not;
    const severity: Severity = withoutGoogle(facts, policy) === "critical" ? "error" : "warning";
    const staying = (pods ?? []).filter(({ terminating }) => !terminating);
    const reached = reach(cluster, networkPolicies, metadataAddresses(gkeCluster?.datapath), severity);
    const findings = [
      ...ownKey(cluster, environments, staying, serviceAccount?.gcpAccount, severity),
      ...hostNetwork(cluster, staying, severity),
      ...reached.findings,
    ];
    const [never] = reached.undecided;
    // Files hold neither the cluster's data path nor all labels of its pods.
    if (mode === "files" && findings.length === 0 && never !== undefined) return { skip: never };
    return {
      findings,
      undecided: [
        ...(pods === undefined && mode !== "files"
          ? ["whether the pods use the network of their node could not be read"]
          : []),
        ...reached.undecided,
      ],
    };
  },
});

/** Without an annotation it may be what the pods are meant to ask Google with. */
function ownKey(
  cluster: ClusterFacts,
  environments: readonly EffectiveEnvironment[],
  pods: readonly PodFacts[],
  account: string | undefined,
  severity: Severity,
): Finding[] {
  const setters = ownKeySetters(cluster, environments, pods);
  if (setters.length === 0 || account === undefined) return [];
  const values = [
    ...nodeEnvironments(cluster, environments).map(({ variables }) => variables[OWN_KEY]?.from?.facts),
    ...pods.map(({ env }) => env.find(({ name }) => name === OWN_KEY)?.facts),
  ];
  const isJson = values.some((facts) => facts?.googleKey !== undefined);
  const then = isJson
    ? ": it holds a key where the path of a file belongs, and no file of that name is there"
    : `: they ask Google as whoever that is, and not as ${account}`;
  const message = `The pods have ${OWN_KEY} (${sentenceList(setters)}), which comes before the identity of their ServiceAccount${then}`;
  return [
    finding("gke.gac-shadows", severity, refOfCluster(cluster), message, {
      evidence: setters.map((has) => ({ label: OWN_KEY, want: "not set", has })),
      fixes: [edit(`take ${OWN_KEY} out of what puts it into the pods, then delete each pod in turn`)],
    }),
  ];
}

function hostNetwork(cluster: ClusterFacts, pods: readonly PodFacts[], severity: Severity): Finding[] {
  const past = pods.filter(({ identity }) => identity?.hostNetwork === true);
  if (past.length === 0) return [];
  const message = `${count(past.length, "pod")} (${shortList(past.map(({ name }) => name))}) ${past.length > 1 ? "use" : "uses"} the network of the node, and ${past.length > 1 ? "go" : "goes"} past GKE's metadata server: Google sees the node's service account`;
  return [
    finding("gke.hostnetwork", severity, refOfCluster(cluster), message, {
      evidence: past.map(({ name }) => ({ label: `pod ${name}: hostNetwork`, want: "false", has: "true" })),
      fixes: [edit("take hostNetwork out of what puts it into the pods: the operator does not set it")],
    }),
  ];
}

/** Labels that the operator gives the pods of a node group. */
function labelsOf({ name }: ClusterFacts, group: string): Record<string, string> {
  return {
    "app.kubernetes.io/name": "antfly-database",
    "app.kubernetes.io/instance": name,
    "app.kubernetes.io/component": group,
  };
}

type Addresses = ReturnType<typeof metadataAddresses>;

function reach(
  cluster: ClusterFacts,
  policies: readonly NetworkPolicyFacts[],
  needed: Addresses,
  severity: Severity,
): { findings: Finding[]; undecided: string[] } {
  const shut = new Map<string, { groups: string[]; names: readonly string[] }>();
  const undecided = new Set<string>();
  for (const { name: group } of cluster.groups) {
    const { certain, perhaps } = metadataReach(policies, labelsOf(cluster, group));
    const among = ({ open }: { readonly open: Addresses }): Addresses => open.filter((one) => needed.includes(one));
    const [open, ...more] = among(certain);
    if (open === undefined) {
      const { groups } = shut.get(certain.policies.join()) ?? { groups: [] };
      shut.set(certain.policies.join(), { groups: [...groups, group], names: certain.policies });
    } else if (1 + more.length < needed.length)
      undecided.add(
        `NetworkPolicy ${sentenceList(certain.policies)} lets the pods reach ${open.address} port ${open.port} alone, which is enough ${open.port === 80 ? "with" : "without"} GKE Dataplane V2`,
      );
    else if (among(perhaps).length === 0)
      undecided.add(
        `whether NetworkPolicy ${sentenceList(perhaps.policies)} is for the ${group} nodes, their labels would tell`,
      );
  }
  return {
    findings: [...shut.values()].map(({ groups, names }) =>
      blocked(cluster, groups, names, { policies, needed, severity }),
    ),
    undecided: [...undecided],
  };
}

function blocked(
  cluster: ClusterFacts,
  groups: readonly string[],
  names: readonly string[],
  {
    policies,
    needed,
    severity,
  }: { readonly policies: readonly NetworkPolicyFacts[]; readonly needed: Addresses; readonly severity: Severity },
): Finding {
  const { namespace } = cluster;
  const where = needed.map(({ address, port }) => `${address} port ${port}`);
  const message = `NetworkPolicy ${sentenceList(names)} keeps the ${describeGroups(groups)} from GKE's metadata server: they get no token, and time out`;
  const [name = ""] = names;
  const rules = needed.map(({ address, port }) => ({
    to: [{ ipBlock: { cidr: `${address}/32` } }],
    ports: [{ protocol: "TCP", port }],
  }));
  const has = policies.find((one) => one.name === name)?.egress ?? [];
  const change =
    has.length === 0
      ? [{ op: "add", path: "/spec/egress", value: rules }]
      : rules.map((value) => ({ op: "add", path: "/spec/egress/-", value }));
  return finding("gke.networkpolicy", severity, { kind: "NetworkPolicy", namespace, name }, message, {
    evidence: [
      {
        label: "egress",
        want: where.join(" and "),
        has: needed.length > 1 ? "neither" : "no rule for it",
        path: "/spec/egress",
      },
    ],
    fixes: [
      edit(`let them reach ${where.join(", and with GKE Dataplane V2 ")}:`),
      command`kubectl patch networkpolicy ${name} -n ${namespace} --type json -p ${JSON.stringify(change)}`,
    ],
  });
}
