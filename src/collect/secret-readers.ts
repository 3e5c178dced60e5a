import type { ReferenceFacts } from "../domain/facts.ts";
import type { SecretReader } from "../domain/secret-facts.ts";
import type { Ref } from "../domain/finding.ts";
import { LIST_ROLES } from "../domain/grants.ts";
import { known } from "../domain/known.ts";
import { CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING } from "../domain/resources.ts";
import { KubeError } from "../ports.ts";
import { defineCollector, toKnown } from "./collector.ts";
import { parseBinding, parseRole, type BindingObject, type RoleObject } from "./objects/rbac.ts";

const READING: ReadonlySet<string> = new Set(["get", "list", "watch", "*"]);

/** Who may read the cluster's Secrets by RBAC: subjects of bindings to roles that allow it, the control plane left out. */
export const secretReadersCollector = defineCollector({
  gives: "secretReaders",
  needs: ["references"],
  collect: ({ references }, { reader, namespace }) =>
    toKnown<readonly SecretReader[]>("Roles and their bindings", LIST_ROLES, async () => {
      const lists = await Promise.all([
        orNotGiven(reader.list(ROLE, namespace)),
        orNotGiven(reader.list(ROLE_BINDING, namespace)),
        orNotGiven(reader.list(CLUSTER_ROLE, undefined)),
        orNotGiven(reader.list(CLUSTER_ROLE_BINDING, undefined)),
      ]);
      if (lists.every((list) => list === undefined))
        throw new KubeError("not-given", "the files hold no Roles and no bindings");
      const [roles = [], roleBindings = [], clusterRoles = [], clusterRoleBindings = []] = lists;
      const byKind = {
        Role: new Map(roles.map(parseRole).map((role) => [role.metadata.name, role])),
        ClusterRole: new Map(clusterRoles.map(parseRole).map((role) => [role.metadata.name, role])),
      };
      const readersBy = (binding: BindingObject, ref: Ref): SecretReader[] => {
        const { kind, name } = binding.roleRef;
        const role = byKind[kind === "Role" ? "Role" : "ClusterRole"].get(name);
        const secrets = role === undefined ? [] : readable(role, references);
        if (secrets.length === 0) return [];
        return subjectsOf(binding, namespace).map((subject) => ({
          subject,
          binding: ref,
          role: `${kind} ${name}`,
          secrets,
        }));
      };
      const readers = [
        ...roleBindings
          .map(parseBinding)
          .flatMap((one) => readersBy(one, { kind: "RoleBinding", namespace, name: one.metadata.name })),
        ...clusterRoleBindings
          .map(parseBinding)
          .flatMap((one) => readersBy(one, { kind: "ClusterRoleBinding", name: one.metadata.name })),
      ];
      return known(readers, { via: "kube", ref: "Roles and their bindings" });
    }),
});

/** Of files, which hold some kinds and not others. */
async function orNotGiven<T>(promise: Promise<T>): Promise<T | undefined> {
  return promise.catch((error: unknown) => {
    if (error instanceof KubeError && error.failure === "not-given") return undefined;
    throw error;
  });
}

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

function subjectsOf({ subjects }: BindingObject, namespace: string): string[] {
  return (subjects ?? []).flatMap(({ kind, name, namespace: own }) => {
    const place = own ?? namespace;
    if (isControlPlane(kind, name, place)) return [];
    return `${kind} ${kind === "ServiceAccount" ? `${place}/${name}` : name}`;
  });
}

/** Kubernetes itself, and administrators who may do everything anyway. */
function isControlPlane(kind: string, name: string, namespace: string): boolean {
  if (kind === "ServiceAccount") return namespace === "kube-system";
  if (["system:masters", "kubeadm:cluster-admins", "system:serviceaccounts:kube-system"].includes(name)) return true;
  return (
    /^system:(kube-|node|controller:|apiserver)/.test(name) ||
    (name.startsWith("system:serviceaccount:kube-system:") && kind === "User")
  );
}
