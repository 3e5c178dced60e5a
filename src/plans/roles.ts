import type { Grant } from "../domain/grant.ts";
import { noteName } from "./journal-note.ts";

/** Names that narrow the rules. Undefined: not known, the rule names none. Empty: there are none, and no rule is needed. */
export interface Names {
  readonly namespace: string;
  readonly secrets: readonly string[] | undefined;
  readonly configMaps: readonly string[] | undefined;
  readonly cluster: string | undefined;
  readonly crd: string;
  /** ServiceAccounts that the pods run as, if the AntflyCluster names one. */
  readonly podServiceAccounts: readonly string[] | undefined;
  /** Of the stores of External Secrets; not known is as none: a Role that names none would open all of them. */
  readonly storeSecrets?: readonly string[];
  readonly storeAccounts?: readonly string[];
  /** Binds the Role to this ServiceAccount of the namespace. */
  readonly serviceAccount?: string;
}

type Rule = { readonly verbs: readonly string[] } & (
  | {
      readonly apiGroups: readonly string[];
      readonly resources: readonly string[];
      readonly resourceNames?: readonly string[];
    }
  | { readonly nonResourceURLs: readonly string[] }
);

const NAME = "antfly-creds";
const API = "rbac.authorization.k8s.io";

/** The least Roles (and ClusterRole, where a grant is cluster-wide) for these grants, and bindings when asked for. */
export function rolesFor(grants: readonly Grant[], names: Names): object[] {
  const { namespace, serviceAccount } = names;
  const outside = `${NAME}-${namespace}`;
  const elsewhere = [...new Set(grants.flatMap((grant) => grant.inNamespace ?? []))].sort();
  const places: Place[] = [
    { kind: "Role", metadata: { name: NAME, namespace } },
    ...elsewhere.map((other) => ({ kind: "Role", metadata: { name: outside, namespace: other } }) as const),
    { kind: "ClusterRole", metadata: { name: outside } },
  ];
  const roles = places.flatMap((place) => {
    const rules = rulesFor(
      grants.filter((grant) => isFor(grant, place, namespace)),
      names,
    );
    return rules.length === 0 ? [] : [{ place, rules }];
  });
  const documents = roles.map(({ place, rules }): object => ({ apiVersion: `${API}/v1`, ...place, rules }));
  if (serviceAccount === undefined) return documents;
  const subjects = [{ kind: "ServiceAccount", name: serviceAccount, namespace }];
  const bindings = roles.map(({ place: { kind, metadata } }): object => ({
    apiVersion: `${API}/v1`,
    kind: `${kind}Binding`,
    metadata,
    subjects,
    roleRef: { apiGroup: API, kind, name: metadata.name },
  }));
  return [...documents, ...bindings];
}

interface Place {
  readonly kind: "Role" | "ClusterRole";
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

function isFor({ scope, inNamespace }: Grant, { kind, metadata }: Place, namespace: string): boolean {
  if (scope === "cluster") return kind === "ClusterRole";
  return (
    kind === "Role" &&
    metadata.namespace === (inNamespace ?? namespace) &&
    (inNamespace === undefined) === (metadata.name === NAME)
  );
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
  return [...merged.values()].map(({ grant, resourceNames, verbs }) => {
    if (grant.nonResource === true) return { nonResourceURLs: [grant.resource], verbs: [...verbs].sort() };
    return {
      apiGroups: [grant.group],
      resources: [grant.resource],
      ...(resourceNames === undefined ? {} : { resourceNames }),
      verbs: [...verbs].sort(),
    };
  });
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
    case "service-account":
      return names.podServiceAccounts;
    case "store-secrets":
      return names.storeSecrets ?? [];
    case "store-accounts":
      return names.storeAccounts ?? [];
    case "init-note":
      return names.cluster === undefined ? undefined : [noteName(names.cluster)];
    default:
      return undefined;
  }
}
