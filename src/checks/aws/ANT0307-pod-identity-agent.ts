import type { PodIdentityAgentFacts, PodIdentityFacts } from "../../domain/aws-facts.ts";
import { DESCRIBE_ADD_ON, DESCRIBE_EKS_CLUSTER, LIST_ASSOCIATIONS } from "../../domain/aws-grants.ts";
import type { PodFacts } from "../../domain/workload-facts.ts";
import { awsCommand, edit, finding, safeCommand, type Finding, type Severity } from "../../domain/finding.ts";
import { refOfCluster } from "../../domain/fixes.ts";
import { GET_POD_IDENTITY_AGENT, GET_SERVICE_ACCOUNT, LIST_CLUSTERS, LIST_PODS } from "../../domain/grants.ts";
import { reliesOnPodIdentity, withoutPodIdentity } from "../../domain/identity-use.ts";
import { count, shortList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";
import { noPodIdentity } from "./no-pod-identity.ts";

const ADD_ON = "eks-pod-identity-agent";

export default defineCheck({
  code: "ANT0307",
  slug: "pod-identity-agent",
  title: "The agent of EKS Pod Identity runs on the pods' nodes",
  area: "aws",
  causes: ["epi.agent-missing", "epi.unsupported-node"],
  needs: ["cluster", "serviceAccount", "podIdentity"],
  wants: ["podIdentityAgent", "pods", "environments", "references", "backups"],
  after: ["ANT0101", "ANT0301"],
  required: true,
  requiredIf: reliesOnPodIdentity,
  effect: "read",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, LIST_PODS, GET_POD_IDENTITY_AGENT],
  awsGrants: [DESCRIBE_EKS_CLUSTER, LIST_ASSOCIATIONS, DESCRIBE_ADD_ON],
  run: (facts) => {
    const { cluster, serviceAccount, podIdentity, podIdentityAgent, pods = [] } = facts;
    if (cluster === undefined || podIdentity === undefined) return noPodIdentity(cluster, serviceAccount);
    if (podIdentity.association === undefined && !reliesOnPodIdentity(facts))
      return { skip: "no association gives the pods an identity: nobody needs the agent" };
    const severity = withoutPodIdentity(facts);
    const onFargate = pods.filter(({ identity }) => identity?.marks["eks.amazonaws.com/fargate-profile"] !== undefined);
    if (onFargate.length > 0) return [unsupported(cluster, onFargate, severity)];
    return agent(podIdentity, podIdentityAgent, severity);
  },
});

function agent(
  { cluster, addOn }: PodIdentityFacts,
  daemonSet: PodIdentityAgentFacts | undefined,
  severity: Severity,
): readonly Finding[] | { findings: readonly Finding[]; undecided: readonly string[] } {
  const { name } = cluster;
  const runs = daemonSet?.installed === true && daemonSet.ready > 0;
  if (daemonSet?.installed === true && daemonSet.ready < daemonSet.desired) {
    const { ready, desired } = daemonSet;
    const message = `The agent of EKS Pod Identity is ready on ${ready} of ${count(desired, "node")}: pods on the others get no credentials`;
    return [notThere(name, message, `${ready} of ${desired} ready`, ready === 0 ? severity : "warning", LOOK)];
  }
  // Nodes of EKS Auto Mode have it in them.
  if (runs || cluster.autoMode === true) return [];
  if (addOn.state === "known" && addOn.value.status === "ACTIVE") return [];
  if (addOn.state === "unknown" || daemonSet === undefined) {
    const what =
      addOn.state === "unknown"
        ? addOn.detail
        : `add-on ${ADD_ON} is not active, and whether its DaemonSet runs without it was not readable`;
    return { findings: [], undecided: [what] };
  }
  if (addOn.state === "known") {
    const { status } = addOn.value;
    return [
      notThere(name, `Add-on ${ADD_ON} of EKS cluster ${name} is ${status}, and not ACTIVE`, status, severity, LOOK),
    ];
  }
  const message = `EKS cluster ${name} has no agent of EKS Pod Identity: pods ask 169.254.170.23 for credentials, and nobody answers`;
  return [
    notThere(name, message, "not installed", severity, [
      awsCommand`aws eks create-addon --cluster-name ${name} --addon-name eks-pod-identity-agent`,
    ]),
  ];
}

const LOOK = [safeCommand`kubectl get pods -n kube-system -l app.kubernetes.io/name=eks-pod-identity-agent -o wide`];

function notThere(name: string, message: string, has: string, severity: Severity, fixes: Finding["fixes"]): Finding {
  return finding("epi.agent-missing", severity, { kind: "EKSCluster", name }, message, {
    evidence: [{ label: ADD_ON, want: "ACTIVE, or its DaemonSet ready", has }],
    fixes,
  });
}

function unsupported(
  cluster: { namespace: string; name: string },
  pods: readonly PodFacts[],
  severity: Severity,
): Finding {
  const message = `${count(pods.length, "pod")} (${shortList(pods.map(({ name }) => name))}) ${pods.length > 1 ? "run" : "runs"} on Fargate, where there is no EKS Pod Identity`;
  return finding("epi.unsupported-node", severity, refOfCluster(cluster), message, {
    evidence: pods.map(({ name, node }) => ({
      label: `pod ${name}`,
      want: "a node of EC2 with Linux",
      has: node ?? "Fargate",
    })),
    fixes: [edit("give the pods a role by IRSA (eks.amazonaws.com/role-arn on their ServiceAccount), or nodes of EC2")],
  });
}
