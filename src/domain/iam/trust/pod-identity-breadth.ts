import { trustFinding } from "./trust-finding.ts";
import type { TrustPolicy, TrustStatement } from "./trust-statement.ts";
import type { TrustFinding } from "./trust-types.ts";

/** Keys that tie a statement to a cluster, a namespace or a ServiceAccount, or to the account. */
const SCOPE =
  /^aws:(sourcearn|sourceaccount|sourceorgid|requesttag\/(eks-cluster-arn|eks-cluster-name|kubernetes-namespace|kubernetes-service-account))$/i;

/** A statement for EKS Pod Identity that no condition ties to anything, and no Deny either. */
export function podIdentityBreadth({ tests, path }: TrustStatement, { statements }: TrustPolicy): TrustFinding[] {
  const tied = tests.some(
    ({ key, operator }) => SCOPE.test(key) && operator?.negated === false && operator.family !== "Null",
  );
  const denies = statements.filter(({ effect }) => effect === "Deny").flatMap((statement) => statement.tests);
  if (tied || denies.some(({ key, operator }) => SCOPE.test(key) && operator?.negated === true)) return [];
  const message =
    "no condition ties the statement to a cluster or a ServiceAccount: whoever may make a Pod Identity association in the account may use the role";
  const fix =
    "add conditions on aws:SourceAccount, aws:RequestTag/kubernetes-namespace and aws:RequestTag/kubernetes-service-account";
  return [trustFinding("epi.trust-unscoped", "warning", path, message, { fix })];
}
