import type { KubeClient } from "./kube-client.ts";

/** One RBAC rule, as it stands in a Role. */
export interface PolicyRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

/**
 * A Kubernetes API server that tests run against: the in-process one (`kube-server/`) or the real one (`test/bed/`).
 * What is written against this interface runs on both.
 */
export interface TestCluster {
  readonly kind: "in-process" | "real";
  readonly url: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string;
  /** Client with every right (group system:masters). */
  readonly admin: KubeClient;
  /** Client with a bearer token, or anonymous without one. */
  client(token?: string): KubeClient;
  /** Kubeconfig YAML with one context named `test`; without a token it is the administrator's. */
  kubeconfig(options?: { token?: string; namespace?: string; clusterEntry?: string }): string;
  stop(): Promise<void>;
}

let counter = 0;

/** Makes a namespace with a name of its own and waits until pods can be made in it (its `default` ServiceAccount is there). */
export async function freshNamespace(cluster: TestCluster, stem = "t"): Promise<string> {
  counter += 1;
  const name = `${stem}-${process.pid}-${Date.now().toString(36)}-${counter}`;
  await cluster.admin.must("POST", "/api/v1/namespaces", {
    body: { apiVersion: "v1", kind: "Namespace", metadata: { name } },
  });
  const deadline = Date.now() + 20_000;
  while ((await cluster.admin.get(`/api/v1/namespaces/${name}/serviceaccounts/default`)).status !== 200) {
    if (Date.now() > deadline) throw new Error(`no default ServiceAccount appeared in ${name}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return name;
}

/**
 * Makes ServiceAccount `name` with a Role of exactly these rules (and a ClusterRole for `clusterRules`) and returns a
 * bearer token for it, minted by the server under test.
 */
export async function userWith(
  cluster: TestCluster,
  namespace: string,
  name: string,
  rules: readonly PolicyRule[],
  clusterRules: readonly PolicyRule[] = [],
): Promise<string> {
  const { admin } = cluster;
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  const apiVersion = "rbac.authorization.k8s.io/v1";
  await admin.must("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, {
    body: { apiVersion: "v1", kind: "ServiceAccount", metadata: { name } },
  });
  if (rules.length > 0) {
    await admin.must("POST", `${rbac}/namespaces/${namespace}/roles`, {
      body: { apiVersion, kind: "Role", metadata: { name }, rules },
    });
    await admin.must("POST", `${rbac}/namespaces/${namespace}/rolebindings`, {
      body: {
        apiVersion,
        kind: "RoleBinding",
        metadata: { name },
        subjects,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
      },
    });
  }
  if (clusterRules.length > 0) {
    const clusterName = `${namespace}-${name}`;
    await admin.must("POST", `${rbac}/clusterroles`, {
      body: { apiVersion, kind: "ClusterRole", metadata: { name: clusterName }, rules: clusterRules },
    });
    await admin.must("POST", `${rbac}/clusterrolebindings`, {
      body: {
        apiVersion,
        kind: "ClusterRoleBinding",
        metadata: { name: clusterName },
        subjects,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: clusterName },
      },
    });
  }
  const token = await admin.must("POST", `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, {
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} },
  });
  return token.status.token as string;
}
