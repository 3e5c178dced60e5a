import { command, edit, finding, type Finding } from "../../domain/finding.ts";
import { editCluster, refOfCluster } from "../../domain/fixes.ts";
import { GET_SERVICE_ACCOUNT, LIST_CLUSTERS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0301",
  slug: "service-account",
  title: "The pods have a ServiceAccount of their own where they need an identity in the cloud",
  area: "aws",
  causes: ["antfly.job-default-sa", "irsa.sa-missing", "k8s.default-serviceaccount"],
  needs: ["cluster", "serviceAccount"],
  after: ["ANT0101"],
  required: false,
  effect: "read",
  severity: "error",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT],
  run: ({ cluster, serviceAccount }) => {
    if (cluster === undefined) return [];
    const { namespace, name, serviceAccount: wanted, eksRole } = cluster;
    if (wanted !== undefined && serviceAccount === undefined) {
      const message = `ServiceAccount ${wanted} does not exist in namespace ${namespace}: no pod of the cluster can be created`;
      const subject = { kind: "ServiceAccount", namespace, name: wanted };
      return [
        finding("irsa.sa-missing", "critical", subject, message, {
          evidence: [
            {
              label: "named by",
              has: `AntflyCluster ${name}`,
              path: "/spec/serviceAccountName",
              of: refOfCluster(cluster),
            },
          ],
          fixes: [command`kubectl create serviceaccount ${wanted} -n ${namespace}`],
          transient: true,
        }),
      ];
    }
    if (wanted !== undefined && wanted !== "default") return [];
    const found: Finding[] = [];
    if (eksRole !== undefined) {
      const message = `The pods run as ServiceAccount default, and spec.eks.irsaRoleARN names a role for them: no role is ever given to default, nor should it be`;
      found.push(
        finding("k8s.default-serviceaccount", "error", refOfCluster(cluster), message, {
          evidence: [
            {
              label: "serviceAccountName",
              want: "a ServiceAccount of the cluster's own",
              has: wanted ?? "not set",
              path: "/spec/eks/irsaRoleARN",
            },
          ],
          fixes: [
            command`kubectl create serviceaccount ${name} -n ${namespace}`,
            command`kubectl annotate serviceaccount ${name} -n ${namespace} eks.amazonaws.com/role-arn=${eksRole}`,
            ...editCluster(cluster, `set spec.serviceAccountName: ${name}`),
          ],
        }),
      );
    }
    const role = serviceAccount?.awsRole ?? serviceAccount?.gcpAccount;
    if (role === undefined) return found;
    const message = `ServiceAccount default of namespace ${namespace} has an identity in the cloud (${role}): every pod of the namespace has it, the backup Jobs too, which have no use for it`;
    found.push(
      finding("antfly.job-default-sa", "warning", { kind: "ServiceAccount", namespace, name: "default" }, message, {
        evidence: [{ label: "annotation", has: role, path: "/metadata/annotations" }],
        fixes: [
          edit("give the role to a ServiceAccount of the cluster's own, then:"),
          command`kubectl annotate serviceaccount default -n ${namespace} eks.amazonaws.com/role-arn- iam.gke.io/gcp-service-account-`,
        ],
      }),
    );
    return found;
  },
});
