import { hasStaticKey } from "../../domain/env/static-keys.ts";
import { command, edit, finding } from "../../domain/finding.ts";
import { refOfCluster } from "../../domain/fixes.ts";
import { GET_SERVICE_ACCOUNT, LIST_CLUSTERS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0302",
  slug: "irsa-role",
  title: "The role that the AntflyCluster names is the one that its ServiceAccount has",
  area: "aws",
  causes: ["antfly.irsaRoleARN-inert", "irsa.annotation-vs-cr"],
  needs: ["cluster", "serviceAccount"],
  wants: ["environments", "references"],
  after: ["ANT0101", "ANT0301"],
  required: false,
  effect: "read",
  severity: "error",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT],
  run: ({ cluster, serviceAccount, environments = [], references }) => {
    if (cluster === undefined) return [];
    const { namespace, eksRole, serviceAccount: wanted = "default" } = cluster;
    if (eksRole === undefined) return { skip: "spec.eks.irsaRoleARN is not set" };
    const role = serviceAccount?.awsRole;
    // Who has no ServiceAccount of their own is told by ANT0301, and not to put a role on `default`.
    if (wanted === "default" && role === undefined)
      return { skip: "the pods run as ServiceAccount default, which has no role; ANT0301 says what to do" };
    if (serviceAccount === undefined) return [];
    const evidence = [
      { label: "eks.amazonaws.com/role-arn", want: eksRole, has: role ?? "not set", path: "/spec/eks/irsaRoleARN" },
    ];
    const annotate = command`kubectl annotate serviceaccount ${wanted} -n ${namespace} --overwrite eks.amazonaws.com/role-arn=${eksRole}`;
    const replace = edit("then delete each pod in turn: EKS gives a role to new pods alone");
    if (role === undefined) {
      // Static keys do without a role.
      const severity = hasStaticKey(cluster, environments, references) === false ? "error" : "warning";
      const message = `spec.eks.irsaRoleARN does nothing: no operator gives the role to ServiceAccount ${wanted}, which has none`;
      return [
        finding("antfly.irsaRoleARN-inert", severity, refOfCluster(cluster), message, {
          evidence,
          fixes: [annotate, replace],
        }),
      ];
    }
    if (role === eksRole) return [];
    const message = `ServiceAccount ${wanted} has another role than spec.eks.irsaRoleARN says; the ServiceAccount's is the one that counts`;
    return [
      finding("irsa.annotation-vs-cr", "warning", refOfCluster(cluster), message, {
        evidence,
        fixes: [edit(`if ${role} is right, write it into spec.eks.irsaRoleARN; if it is not:`), annotate, replace],
      }),
    ];
  },
});
