import { hasStaticKey } from "../../domain/env/static-keys.ts";
import type { ConfiguredBucket } from "../../domain/configured-storage.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import type { ServiceAccountFacts } from "../../domain/workload-facts.ts";
import { command, edit, finding, type Finding } from "../../domain/finding.ts";
import { editCluster, initIrsa, refOfCluster } from "../../domain/fixes.ts";
import { GET_SERVICE_ACCOUNT, LIST_CLUSTERS } from "../../domain/grants.ts";
import { webIdentityConnection } from "../../domain/operator/connections.ts";
import { defineCheck } from "../define.ts";

/** Every namespace has it, and every pod that names no other one runs as it. */
const DEFAULT = "default";

export default defineCheck({
  code: "ANT0301",
  slug: "service-account",
  title: "The pods have a ServiceAccount of their own where they need an identity in the cloud",
  area: "aws",
  causes: ["antfly.job-default-sa", "irsa.sa-missing", "irsa.sa-not-used", "k8s.default-serviceaccount"],
  needs: ["cluster", "serviceAccount"],
  wants: ["environments", "references", "operator"],
  after: ["ANT0101"],
  required: false,
  effect: "read",
  severity: "error",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT],
  run: ({ cluster, serviceAccount, environments = [], references, operator }) => {
    if (cluster === undefined) return [];
    const { serviceAccount: wanted = DEFAULT } = cluster;
    const connection = webIdentityConnection(cluster, operator?.generation);
    if (wanted !== DEFAULT) return serviceAccount === undefined ? [missing(cluster, wanted, connection)] : [];
    return [
      ...withoutRole(cluster, serviceAccount, hasStaticKey(cluster, environments, references)),
      ...notUsed(cluster, serviceAccount, connection),
      ...sharedIdentity(cluster, serviceAccount),
    ];
  },
});

function missing(cluster: ClusterFacts, name: string, connection: ConfiguredBucket | undefined): Finding {
  const { namespace } = cluster;
  const message = `ServiceAccount ${name} does not exist in namespace ${namespace}: no pod of the cluster can be created`;
  return finding("irsa.sa-missing", "critical", { kind: "ServiceAccount", namespace, name }, message, {
    evidence: [
      {
        label: "named by",
        has: `AntflyCluster ${cluster.name}`,
        path: "/spec/serviceAccountName",
        of: refOfCluster(cluster),
      },
    ],
    fixes: [
      connection === undefined
        ? command`kubectl create serviceaccount ${name} -n ${namespace}`
        : initIrsa(cluster, connection.roleArn),
    ],
    transient: true,
  });
}

/** A connection of generation 3 wants the token of a ServiceAccount that has a role, and the pods have that of `default`. */
function notUsed(
  cluster: ClusterFacts,
  account: ServiceAccountFacts | undefined,
  wanting: ConfiguredBucket | undefined,
): Finding[] {
  if (wanting === undefined || account?.awsRole !== undefined) return [];
  const { connection = "", roleArn = "a role" } = wanting;
  const message = `The pods run as ServiceAccount default, which has no role: connection ${connection} of spec.config takes their token to ${roleArn}, and EKS gives them none`;
  return [
    finding("irsa.sa-not-used", "critical", refOfCluster(cluster), message, {
      evidence: [
        {
          label: "serviceAccountName",
          want: "the ServiceAccount that has the role",
          has: cluster.serviceAccount ?? "not set",
          path: "/spec/serviceAccountName",
        },
        { label: `connection ${connection}`, has: `source web_identity, role ${roleArn}`, path: "/spec/config" },
      ],
      fixes: [initIrsa(cluster, wanting.roleArn)],
    }),
  ];
}

/** Static keys do without a role; only a cluster that has none is at a loss. */
function withoutRole(
  cluster: ClusterFacts,
  account: ServiceAccountFacts | undefined,
  hasKey: boolean | undefined,
): Finding[] {
  const { namespace, name, eksRole } = cluster;
  if (eksRole === undefined || account?.awsRole !== undefined) return [];
  const message = `The pods run as ServiceAccount default, and spec.eks.irsaRoleARN names a role for them: no operator gives it to a ServiceAccount, and default is no place for it`;
  return [
    finding("k8s.default-serviceaccount", hasKey === false ? "error" : "warning", refOfCluster(cluster), message, {
      evidence: [
        {
          label: "serviceAccountName",
          want: "a ServiceAccount of the cluster's own",
          has: cluster.serviceAccount ?? "not set",
          path: "/spec/eks/irsaRoleARN",
        },
      ],
      fixes: [
        command`kubectl create serviceaccount ${name} -n ${namespace}`,
        command`kubectl annotate serviceaccount ${name} -n ${namespace} eks.amazonaws.com/role-arn=${eksRole}`,
        ...editCluster(cluster, `set spec.serviceAccountName: ${name}`),
      ],
    }),
  ];
}

function sharedIdentity({ namespace }: ClusterFacts, account: ServiceAccountFacts | undefined): Finding[] {
  const found = [
    { annotation: "eks.amazonaws.com/role-arn", identity: account?.awsRole },
    { annotation: "iam.gke.io/gcp-service-account", identity: account?.gcpAccount },
  ].flatMap(({ annotation, identity }) => (identity === undefined ? [] : [{ annotation, identity }]));
  if (found.length === 0) return [];
  const message = `ServiceAccount default of namespace ${namespace} has an identity in the cloud (${found.map(({ identity }) => identity).join(", ")}): every pod of the namespace has it, the backup Jobs too, which have no use for it`;
  return [
    finding("antfly.job-default-sa", "warning", { kind: "ServiceAccount", namespace, name: DEFAULT }, message, {
      evidence: found.map(({ annotation, identity }) => ({
        label: annotation,
        want: "not set",
        has: identity,
        path: `/metadata/annotations/${annotation.replaceAll("/", "~1")}`,
      })),
      fixes: [
        edit("give the identity to a ServiceAccount of the cluster's own, then take it from default:"),
        command`kubectl annotate serviceaccount default -n ${namespace} ${found.map(({ annotation }) => `${annotation}-`)}`,
      ],
    }),
  ];
}
