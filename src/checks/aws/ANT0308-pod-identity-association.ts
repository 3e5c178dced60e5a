import type { EksClusterFacts, PodIdentityAssociation } from "../../domain/aws-facts.ts";
import { DESCRIBE_ASSOCIATION, DESCRIBE_EKS_CLUSTER, LIST_ASSOCIATIONS } from "../../domain/aws-grants.ts";
import type { BackupFacts, ClusterFacts } from "../../domain/facts.ts";
import type { PodFacts } from "../../domain/workload-facts.ts";
import { awsCommand, edit, finding, type Finding, type Severity } from "../../domain/finding.ts";
import { initPodIdentity } from "../../domain/fixes.ts";
import { GET_SERVICE_ACCOUNT, LIST_BACKUPS, LIST_CLUSTERS, LIST_PODS } from "../../domain/grants.ts";
import { reliesOnPodIdentity, showsPodIdentity, withoutPodIdentity } from "../../domain/identity-use.ts";
import type { Generation } from "../../domain/operator/generation.ts";
import { shortList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";
import { noPodIdentity } from "./no-pod-identity.ts";

export default defineCheck({
  code: "ANT0308",
  slug: "pod-identity-association",
  title: "An association of EKS Pod Identity gives the pods' ServiceAccount a role of the cluster's account",
  area: "aws",
  causes: ["epi.association-mismatch", "epi.no-association", "epi.role-other-account"],
  needs: ["cluster", "serviceAccount", "podIdentity"],
  wants: ["pods", "environments", "references", "backups", "operator"],
  after: ["ANT0101", "ANT0301"],
  required: true,
  requiredIf: reliesOnPodIdentity,
  effect: "read",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, LIST_PODS, LIST_BACKUPS],
  awsGrants: [DESCRIBE_EKS_CLUSTER, LIST_ASSOCIATIONS, DESCRIBE_ASSOCIATION],
  run: (facts) => {
    const { cluster, serviceAccount, podIdentity, pods = [], backups = [], operator } = facts;
    if (cluster === undefined || podIdentity === undefined || serviceAccount === undefined)
      return noPodIdentity(cluster, serviceAccount);
    const { cluster: eks, association, near, others } = podIdentity;
    const severity = withoutPodIdentity(facts);
    if (association !== undefined) return otherAccount(association, eks, severity);
    if (near !== undefined) return [mismatch(cluster, serviceAccount.name, eks, near, severity)];
    // Without one, the pods may have a role by their annotation, and need no other.
    if (serviceAccount.awsRole !== undefined && !pods.some(showsPodIdentity))
      return { skip: `ServiceAccount ${serviceAccount.name} has its role by its annotation` };
    return [none(cluster, serviceAccount.name, eks, others, needed(pods, backups, operator?.generation, severity))];
  },
});

/** Nobody misses an association that nothing would use. */
function needed(
  pods: readonly PodFacts[],
  backups: readonly BackupFacts[],
  generation: Generation | undefined,
  severity: Severity,
): Severity {
  if (pods.some(showsPodIdentity)) return severity;
  const toS3 = backups.some(({ location }) => location.startsWith("s3://"));
  if (!toS3 || severity === "warning") return "info";
  return generation === 3 ? severity : "warning";
}

function none(
  cluster: ClusterFacts,
  account: string,
  { name: eks }: EksClusterFacts,
  others: readonly { readonly namespace: string; readonly serviceAccount: string }[],
  severity: Severity,
): Finding {
  const { namespace } = cluster;
  const message = `EKS cluster ${eks} has no association for ServiceAccount ${account} of namespace ${namespace}: its pods have no identity on AWS from there`;
  const listed = others.map((one) => `${one.namespace}/${one.serviceAccount}`);
  return finding("epi.no-association", severity, { kind: "ServiceAccount", namespace, name: account }, message, {
    evidence: [
      {
        label: "associations",
        want: `${namespace}/${account}`,
        has: listed.length === 0 ? "none" : shortList(listed, 5),
      },
    ],
    fixes: [initPodIdentity(cluster, eks)],
  });
}

function mismatch(
  { namespace }: ClusterFacts,
  account: string,
  { name: eks }: EksClusterFacts,
  near: PodIdentityAssociation,
  severity: Severity,
): Finding {
  const has = `${near.namespace}/${near.serviceAccount}`;
  const message = `EKS cluster ${eks} has no association for ServiceAccount ${account} of namespace ${namespace}, and one for ${has}: EKS takes any name`;
  return finding("epi.association-mismatch", severity, { kind: "ServiceAccount", namespace, name: account }, message, {
    evidence: [{ label: `association ${near.id}`, want: `${namespace}/${account}`, has }],
    fixes: [
      awsCommand`aws eks create-pod-identity-association --cluster-name ${eks} --namespace ${namespace} --service-account ${account} --role-arn ${near.roleArn}`,
      awsCommand`aws eks delete-pod-identity-association --cluster-name ${eks} --association-id ${near.id}`,
      edit("then delete each pod in turn: EKS gives an identity to new pods alone"),
    ],
  });
}

/** EKS itself may take on a role of its own account alone; one elsewhere is taken on from there. */
function otherAccount(
  { id, namespace, serviceAccount, roleArn, targetRoleArn }: PodIdentityAssociation,
  { account, name: eks }: EksClusterFacts,
  severity: Severity,
): Finding[] {
  const own = roleArn.split(":")[4];
  if (own === undefined || own === account || targetRoleArn === roleArn) return [];
  const message = `Association ${id} of EKS cluster ${eks} gives a role of account ${own}, and the cluster is in ${account}: EKS takes on roles of its own account alone`;
  return [
    finding("epi.role-other-account", severity, { kind: "ServiceAccount", namespace, name: serviceAccount }, message, {
      evidence: [{ label: "role", want: `a role of account ${account}`, has: roleArn }],
      fixes: [
        edit(
          `give the association a role of account ${account} that may take on ${roleArn}, and that as its target role: aws eks update-pod-identity-association has --role-arn and --target-role-arn`,
        ),
      ],
    }),
  ];
}
