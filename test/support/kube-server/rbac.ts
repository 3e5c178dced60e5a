import type { AnyObject } from "../follow.ts";
import type { PolicyRule } from "../test-cluster.ts";
import { ApiError, qualified } from "./errors.ts";
import { BUILT_IN, type Kind } from "./kinds.ts";
import type { Store } from "./store.ts";

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** What a request asks for: an object, or a path outside the object tree. */
export interface Attributes {
  readonly verb: string;
  readonly kind: Kind | undefined;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
}

const AUTHENTICATED = "system:authenticated";

/** The part of the bootstrap policy that clients notice. */
const BOOTSTRAP: readonly { readonly group: string; readonly rules: readonly PolicyRule[] }[] = [
  {
    group: AUTHENTICATED,
    rules: [
      {
        nonResourceURLs: [
          "/api",
          "/api/*",
          "/apis",
          "/apis/*",
          "/healthz",
          "/livez",
          "/openapi",
          "/openapi/*",
          "/readyz",
          "/version",
          "/version/",
        ],
        verbs: ["get"],
      },
      {
        apiGroups: ["authorization.k8s.io"],
        resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
        verbs: ["create"],
      },
      { apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"], verbs: ["create"] },
    ],
  },
  {
    group: "system:unauthenticated",
    rules: [{ nonResourceURLs: ["/healthz", "/livez", "/readyz", "/version", "/version/"], verbs: ["get"] }],
  },
  {
    group: "system:serviceaccounts",
    rules: [
      {
        nonResourceURLs: [
          "/.well-known/openid-configuration",
          "/.well-known/openid-configuration/",
          "/openid/v1/jwks",
          "/openid/v1/jwks/",
        ],
        verbs: ["get"],
      },
    ],
  },
];

const kindOf = (resource: string): Kind => {
  const kind = BUILT_IN.find((candidate) => candidate.resource === resource);
  if (kind === undefined) throw new Error(`no kind ${resource}`);
  return kind;
};
const [ROLES, BINDINGS, CLUSTER_ROLES, CLUSTER_BINDINGS] = [
  "roles",
  "rolebindings",
  "clusterroles",
  "clusterrolebindings",
].map(kindOf) as [Kind, Kind, Kind, Kind];

const ISSUER_DISCOVERY: AnyObject = { rules: BOOTSTRAP[2]?.rules };

/** All rules that hold for a user in a namespace ("" for what is cluster-wide alone). */
export function rulesFor(store: Store, user: User, namespace: string): PolicyRule[] {
  const rules: PolicyRule[] = BOOTSTRAP.filter(({ group }) => user.groups.includes(group)).flatMap(
    (entry) => entry.rules,
  );
  if (user.groups.includes("system:masters")) {
    rules.push({ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }, { nonResourceURLs: ["*"], verbs: ["*"] });
  }
  for (const binding of store.list(CLUSTER_BINDINGS))
    if (binds(binding, user, "")) rules.push(...rulesOf(store, binding, ""));
  if (namespace === "") return rules;
  for (const binding of store.list(BINDINGS, namespace))
    if (binds(binding, user, namespace)) rules.push(...rulesOf(store, binding, namespace));
  return rules;
}

function binds(binding: AnyObject, user: User, namespace: string): boolean {
  return (binding.subjects ?? []).some((subject: AnyObject) => {
    if (subject.kind === "ServiceAccount")
      return user.name === `system:serviceaccount:${subject.namespace ?? namespace}:${subject.name}`;
    return subject.kind === "Group"
      ? user.groups.includes(subject.name)
      : subject.kind === "User" && user.name === subject.name;
  });
}

function rulesOf(store: Store, { roleRef }: AnyObject, namespace: string): PolicyRule[] {
  if (roleRef.kind === "Role") return store.get(ROLES, namespace, roleRef.name)?.rules ?? [];
  if (roleRef.name === "cluster-admin") return [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];
  if (roleRef.name === "system:service-account-issuer-discovery") return ISSUER_DISCOVERY.rules;
  return store.get(CLUSTER_ROLES, "", roleRef.name)?.rules ?? [];
}

/** @throws ApiError 403, worded as the API server does */
export function authorize(store: Store, user: User, attributes: Attributes): void {
  const rules = rulesFor(store, user, attributes.namespace);
  if (rules.some((rule) => allows(rule, attributes))) return;
  const { verb, kind, subresource, namespace, name, path } = attributes;
  if (kind === undefined) {
    throw new ApiError(403, "Forbidden", `forbidden: User "${user.name}" cannot ${verb} path "${path}"`, {});
  }
  const resource = subresource === "" ? kind.resource : `${kind.resource}/${subresource}`;
  const where = kind.namespaced && namespace !== "" ? ` in the namespace "${namespace}"` : " at the cluster scope";
  const subject = name === "" ? qualified(kind) : `${qualified(kind)} "${name}"`;
  const message = `${subject} is forbidden: User "${user.name}" cannot ${verb} resource "${resource}" in API group "${kind.group}"${where}`;
  throw new ApiError(403, "Forbidden", message, {
    ...(name === "" ? {} : { name }),
    ...(kind.group === "" ? {} : { group: kind.group }),
    kind: kind.resource,
  });
}

export function allows(rule: PolicyRule, { verb, kind, subresource, name, path }: Attributes): boolean {
  const has = (list: readonly string[] | undefined, item: string): boolean =>
    list !== undefined && (list.includes(item) || list.includes("*"));
  if (!has(rule.verbs, verb)) return false;
  if (kind === undefined)
    return (rule.nonResourceURLs ?? []).some(
      (url) => url === path || (url.endsWith("*") && path.startsWith(url.slice(0, -1))),
    );
  const resource = subresource === "" ? kind.resource : `${kind.resource}/${subresource}`;
  if (!has(rule.apiGroups, kind.group)) return false;
  if (!has(rule.resources, resource) && !(subresource !== "" && rule.resources?.includes(`*/${subresource}`)))
    return false;
  return rule.resourceNames === undefined || rule.resourceNames.length === 0 || rule.resourceNames.includes(name);
}
