import type { Grant } from "../domain/grant.ts";

/** Names that narrow the rules. Undefined: not known, the rule names none. Empty: there are none, and no rule is needed. */
export interface Names {
  readonly namespace: string;
  readonly secrets: readonly string[] | undefined;
  readonly configMaps: readonly string[] | undefined;
  readonly cluster: string | undefined;
  readonly crd: string;
  /** Binds the Role to this ServiceAccount of the namespace. */
  readonly serviceAccount?: string;
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const NAME = "antfly-creds";
const API = "rbac.authorization.k8s.io";

/** The least Role (and ClusterRole, where a grant is cluster-wide) for these grants, and bindings when asked for. */
export function rolesFor(grants: readonly Grant[], names: Names): object[] {
  const { namespace, serviceAccount } = names;
  const documents: object[] = [];
  const clusterName = `${NAME}-${namespace}`;
  const rules = rulesFor(
    grants.filter((grant) => grant.scope === "namespace"),
    names,
  );
  const clusterRules = rulesFor(
    grants.filter((grant) => grant.scope === "cluster"),
    names,
  );
  if (rules.length > 0)
    documents.push({ apiVersion: `${API}/v1`, kind: "Role", metadata: { name: NAME, namespace }, rules });
  if (clusterRules.length > 0) {
    documents.push({
      apiVersion: `${API}/v1`,
      kind: "ClusterRole",
      metadata: { name: clusterName },
      rules: clusterRules,
    });
  }
  if (serviceAccount === undefined) return documents;
  const subjects = [{ kind: "ServiceAccount", name: serviceAccount, namespace }];
  const ref = (kind: string, name: string): object => ({ apiGroup: API, kind, name });
  if (rules.length > 0) {
    documents.push({
      apiVersion: `${API}/v1`,
      kind: "RoleBinding",
      metadata: { name: NAME, namespace },
      subjects,
      roleRef: ref("Role", NAME),
    });
  }
  if (clusterRules.length > 0) {
    documents.push({
      apiVersion: `${API}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: clusterName },
      subjects,
      roleRef: ref("ClusterRole", clusterName),
    });
  }
  return documents;
}

/** One rule a resource and set of names, its verbs together. */
function rulesFor(grants: readonly Grant[], names: Names): Rule[] {
  const merged = new Map<string, { grant: Grant; resourceNames: readonly string[] | undefined; verbs: Set<string> }>();
  for (const grant of grants) {
    const resourceNames = namesFor(grant, names);
    if (resourceNames?.length === 0) continue;
    // A Role cannot name what is yet to be created, and a list cannot be narrowed by name.
    const key = JSON.stringify([grant.group, grant.resource, resourceNames]);
    const entry = merged.get(key) ?? { grant, resourceNames, verbs: new Set<string>() };
    entry.verbs.add(grant.verb);
    merged.set(key, entry);
  }
  return [...merged.values()].map(({ grant, resourceNames, verbs }) => ({
    apiGroups: [grant.group],
    resources: [grant.resource],
    ...(resourceNames === undefined ? {} : { resourceNames }),
    verbs: [...verbs].sort(),
  }));
}

function namesFor({ named }: Grant, names: Names): readonly string[] | undefined {
  switch (named) {
    case "referenced-secrets":
      return names.secrets;
    case "referenced-config-maps":
      return names.configMaps;
    case "namespace":
      return [names.namespace];
    case "cluster":
      return names.cluster === undefined ? undefined : [names.cluster];
    case "cluster-crd":
      return [names.crd];
    default:
      return undefined;
  }
}
