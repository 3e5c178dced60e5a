import type { StandInGeneration } from "../crds/crds.ts";
import type { KubeClient } from "../kube-client.ts";
import type { PolicyRule } from "../test-cluster.ts";

export const OPERATOR_NAMESPACE = "antfly-operator-namespace";
export const OPERATOR_ROLE = "antfly-operator-cluster-role";
const ACCOUNT = "antfly-operator-service-account";
const RBAC = "rbac.authorization.k8s.io";

const ALL = ["create", "delete", "get", "list", "patch", "update", "watch"];

const EVERYTHING_ELSE: readonly PolicyRule[] = [
  {
    apiGroups: ["apps", "batch", "policy", "coordination.k8s.io", "storage.k8s.io", "autoscaling", "networking.k8s.io"],
    resources: ["*"],
    verbs: ["*"],
  },
  {
    apiGroups: [""],
    resources: ["nodes", "persistentvolumes", "serviceaccounts", "endpoints", "namespaces"],
    verbs: ["get", "list", "watch"],
  },
  { apiGroups: ["metrics.k8s.io"], resources: ["*"], verbs: ["get", "list"] },
];

/** The operator's ClusterRole. Generation 2 lost every right on Secrets, and may delete pods; 3 reads their logs. */
export function operatorRules(generation: StandInGeneration): PolicyRule[] {
  const rules: PolicyRule[] = [
    { apiGroups: ["antfly.io"], resources: ["*"], verbs: ALL },
    { apiGroups: ["apiextensions.k8s.io"], resources: ["customresourcedefinitions"], verbs: ALL },
    { apiGroups: ["apps"], resources: ["statefulsets"], verbs: ALL },
    { apiGroups: ["batch"], resources: ["cronjobs", "jobs"], verbs: ALL },
    { apiGroups: [""], resources: ["services", "configmaps", "persistentvolumeclaims"], verbs: ALL },
    { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
    {
      apiGroups: [""],
      resources: ["pods"],
      verbs: generation === 1 ? ["get", "list", "watch"] : ["get", "list", "watch", "delete"],
    },
  ];
  if (generation === 1) rules.push({ apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"] });
  if (generation === 3) {
    rules.push(
      { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
      { apiGroups: [""], resources: ["serviceaccounts"], verbs: ALL },
      { apiGroups: [RBAC], resources: ["roles", "rolebindings"], verbs: ALL },
      { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ALL },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
    );
  }
  return rules;
}

/**
 * Installs namespace, ServiceAccount, ClusterRole and binding; returns a token of the ServiceAccount. A real operator
 * also reconciles what the stand-in does not, and is given `everything` but Secrets, which its generation decides.
 */
export async function installIdentity(
  admin: KubeClient,
  generation: StandInGeneration,
  options: { everything?: boolean } = {},
): Promise<string> {
  const core = `/api/v1/namespaces/${OPERATOR_NAMESPACE}`;
  const labels = { "app.kubernetes.io/name": "antfly-operator" };
  await admin.apply(`/api/v1/namespaces/${OPERATOR_NAMESPACE}`, {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: OPERATOR_NAMESPACE },
  });
  await admin.apply(`${core}/serviceaccounts/${ACCOUNT}`, {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: ACCOUNT, namespace: OPERATOR_NAMESPACE },
  });
  await admin.apply(`/apis/${RBAC}/v1/clusterroles/${OPERATOR_ROLE}`, {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRole",
    metadata: { name: OPERATOR_ROLE, labels },
    rules: options.everything === true ? [...operatorRules(generation), ...EVERYTHING_ELSE] : operatorRules(generation),
  });
  await admin.apply(`/apis/${RBAC}/v1/clusterrolebindings/${OPERATOR_ROLE}-binding`, {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: `${OPERATOR_ROLE}-binding` },
    subjects: [{ kind: "ServiceAccount", name: ACCOUNT, namespace: OPERATOR_NAMESPACE }],
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: OPERATOR_ROLE },
  });
  const token = await admin.must("POST", `${core}/serviceaccounts/${ACCOUNT}/token`, {
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} },
  });
  return token.status.token;
}
