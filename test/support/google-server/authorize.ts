import { wildcard } from "../aws-server/patterns.ts";
import type { Caller } from "./caller.ts";
import { holds, type Circumstances } from "./conditions.ts";
import type { Policy } from "./policy.ts";
import { PREDEFINED } from "./roles.ts";
import type { Project, State } from "./state.ts";

/** A thing with policies: its own, and those that it inherits. */
export interface Resource extends Omit<Circumstances, "time"> {
  readonly policies: readonly Policy[];
}

/** Whether somebody has a permission on a resource. A member that is `deleted:` is nobody's. */
export function may(state: State, caller: Caller, permission: string, resource: Resource): boolean {
  if (caller.own) return !state.denied.some((pattern) => wildcard(pattern, permission));
  const circumstances = { ...resource, time: state.time() };
  return resource.policies.some((policy) =>
    policy
      .inForce(state.time())
      .some(
        ({ role, members, condition }) =>
          members.some((member) => isMember(state, caller, member)) &&
          (permissionsOf(state, role)?.includes(permission) ?? false) &&
          (condition === undefined || holds(condition.expression, circumstances)),
      ),
  );
}

const HOLDERS: Readonly<Record<string, string>> = {
  projectOwner: "roles/owner",
  projectEditor: "roles/editor",
  projectViewer: "roles/viewer",
};

/** Emails in any case; `projectOwner:PROJECT` is whoever has that role there. */
function isMember(state: State, caller: Caller, member: string): boolean {
  const [kind = "", name = ""] = member.split(/:(.*)/s);
  const role = HOLDERS[kind];
  if (role === undefined)
    return caller.members.includes(
      /^serviceAccount:[^[]+$/.test(member)
        ? member.toLowerCase().replace("serviceaccount:", "serviceAccount:")
        : member,
    );
  const bindings = state.projectOf(name)?.policy.inForce(state.time()) ?? [];
  return bindings.some(
    (binding) =>
      binding.role === role &&
      binding.condition === undefined &&
      binding.members.some((one) => !(one.split(":")[0] ?? "").startsWith("project") && isMember(state, caller, one)),
  );
}

/** Permissions of a role, predefined or of a project. */
export function permissionsOf(state: State, role: string): readonly string[] | undefined {
  const [, project, id] = /^projects\/([^/]+)\/roles\/([^/]+)$/.exec(role) ?? [];
  if (project === undefined || id === undefined) return PREDEFINED.get(role);
  return state.projectOf(project)?.roles.get(id);
}

export function projectResource(project: Project | undefined): Resource {
  return {
    policies: project === undefined ? [] : [project.policy],
    name: `projects/${project?.id}`,
    type: "cloudresourcemanager.googleapis.com/Project",
    service: "cloudresourcemanager.googleapis.com",
  };
}

/** A service account; its project's policy holds for it too. */
export function accountResource(state: State, email: string): Resource {
  const account = state.accounts.get(email);
  const [, ofEmail] = /@([^.]+)\.iam\.gserviceaccount\.com$/.exec(email) ?? [];
  const project = state.projectOf(account?.project ?? ofEmail ?? "");
  return {
    policies: [...(account === undefined ? [] : [account.policy]), ...(project === undefined ? [] : [project.policy])],
    name: `projects/-/serviceAccounts/${account?.uniqueId}`,
    type: "iam.googleapis.com/ServiceAccount",
    service: "iam.googleapis.com",
  };
}

/** A bucket, or an object in it. */
export function bucketResource(state: State, name: string, key?: string): Resource {
  const bucket = state.buckets.get(name);
  const project = bucket === undefined ? undefined : state.projects.get(bucket.project);
  return {
    policies: [...(bucket === undefined ? [] : [bucket.policy]), ...(project === undefined ? [] : [project.policy])],
    name: `projects/_/buckets/${name}${key === undefined ? "" : `/objects/${key}`}`,
    type: `storage.googleapis.com/${key === undefined ? "Bucket" : "Object"}`,
    service: "storage.googleapis.com",
  };
}
