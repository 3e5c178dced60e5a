import { nodeEnvironments } from "../../domain/env/groups.ts";
import { ACCESS_KEY_ID } from "../../domain/env/static-keys.ts";
import { command, finding } from "../../domain/finding.ts";
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
  wants: ["environments"],
  after: ["ANT0101", "ANT0301"],
  required: false,
  effect: "read",
  severity: "error",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT],
  run: ({ cluster, serviceAccount, environments = [] }) => {
    if (cluster === undefined) return [];
    const { namespace, eksRole, serviceAccount: name } = cluster;
    if (eksRole === undefined) return { skip: "spec.eks.irsaRoleARN is not set" };
    // Without a ServiceAccount of its own there is none that could have the role: that is ANT0301's finding.
    if (name === undefined || serviceAccount === undefined) return [];
    const annotate = command`kubectl annotate serviceaccount ${name} -n ${namespace} --overwrite eks.amazonaws.com/role-arn=${eksRole}`;
    const evidence = [
      {
        label: "eks.amazonaws.com/role-arn",
        want: eksRole,
        has: serviceAccount.awsRole ?? "not set",
        path: "/spec/eks/irsaRoleARN",
      },
    ];
    if (serviceAccount.awsRole === undefined) {
      const keys = nodeEnvironments(cluster, environments).some((node) => node.variables[ACCESS_KEY_ID] !== undefined);
      const message = `spec.eks.irsaRoleARN does nothing: no operator gives the role to ServiceAccount ${name}, which has none`;
      return [
        finding("antfly.irsaRoleARN-inert", keys ? "warning" : "error", refOfCluster(cluster), message, {
          evidence,
          fixes: [annotate],
        }),
      ];
    }
    if (serviceAccount.awsRole === eksRole) return [];
    const message = `ServiceAccount ${name} has another role than spec.eks.irsaRoleARN says; the ServiceAccount's is the one that counts`;
    return [
      finding("irsa.annotation-vs-cr", "warning", refOfCluster(cluster), message, { evidence, fixes: [annotate] }),
    ];
  },
});
