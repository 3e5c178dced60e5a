import type { ReferenceFacts, SecretReader } from "../domain/facts.ts";
import { LIST_ROLES } from "../domain/grants.ts";
import { known } from "../domain/known.ts";
import { CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING } from "../domain/resources.ts";
import { defineCollector, toKnown } from "./collector.ts";
import { parseBinding, parseRole, type BindingObject, type RoleObject } from "./objects/rbac.ts";

const READING: ReadonlySet<string> = new Set(["get", "list", "watch", "*"]);

/** Who may read the cluster's Secrets by RBAC: subjects of bindings to roles that allow it, the control plane left out. */
export const secretReadersCollector = defineCollector({
  gives: "secretReaders",
  needs: ["references"],
  collect: ({ references }, { reader, namespace }) =>
    toKnown<readonly SecretReader[]>("Roles and their bindings", LIST_ROLES, async () => {
      const [roles, roleBindings, clusterRoles, clusterRoleBindings] = await Promise.all([
        reader.list(ROLE, namespace),
        reader.list(ROLE_BINDING, namespace),
        reader.list(CLUSTER_ROLE, undefined),
        reader.list(CLUSTER_ROLE_BINDING, undefined),
      ]);
      const byKind = {
        Role: new Map(roles.map(parseRole).map((role) => [role.metadata.name, role])),
        ClusterRole: new Map(clusterRoles.map(parseRole).map((role) => [role.metadata.name, role])),
      };
      const readers = [...roleBindings, ...clusterRoleBindings].map(parseBinding).flatMap((binding) => {
        const role = byKind[binding.roleRef.kind === "Role" ? "Role" : "ClusterRole"].get(binding.roleRef.name);
        const secrets = role === undefined ? [] : readable(role, references);
        return secrets.length === 0 ? [] : readersBy(binding, secrets, namespace);
      });
      return known(readers, { via: "kube", ref: "Roles and their bindings" });
    }),
});

/** The Secrets that a role lets its holders read. `list` shows every content, whatever the names say. */
function readable({ rules }: RoleObject, { secrets }: ReferenceFacts): string[] {
  return Object.keys(secrets).filter((name) =>
    (rules ?? []).some(
      ({ verbs, apiGroups, resources, resourceNames }) =>
        (verbs ?? []).some((verb) => READING.has(verb)) &&
        (apiGroups ?? []).some((group) => group === "" || group === "*") &&
        (resources ?? []).some((resource) => resource === "secrets" || resource === "*") &&
        ((resourceNames ?? []).length === 0 || (resourceNames ?? []).includes(name)),
    ),
  );
}

function readersBy(
  { metadata, roleRef, subjects }: BindingObject,
  secrets: readonly string[],
  namespace: string,
): SecretReader[] {
  const scope = metadata.namespace ? "RoleBinding" : "ClusterRoleBinding";
  return (subjects ?? []).flatMap((subject) => {
    const place = subject.namespace ?? namespace;
    if (isControlPlane(subject.kind, subject.name, place)) return [];
    const name = subject.kind === "ServiceAccount" ? `${place}/${subject.name}` : subject.name;
    return [
      {
        subject: `${subject.kind} ${name}`,
        via: `${scope} ${metadata.name} (${roleRef.kind} ${roleRef.name})`,
        secrets,
      },
    ];
  });
}

/** Kubernetes itself, and administrators who may do everything anyway. */
function isControlPlane(kind: string, name: string, namespace: string): boolean {
  if (kind === "ServiceAccount") return namespace === "kube-system";
  if (name === "system:masters" || name === "kubeadm:cluster-admins") return true;
  return (
    /^system:(kube-|node|controller:|apiserver)/.test(name) ||
    (name.startsWith("system:serviceaccount:kube-system:") && kind === "User")
  );
}
