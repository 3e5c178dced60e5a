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
  const circumstances = { ...resource, time: Date.now() };
  return resource.policies.some(({ bindings }) =>
    bindings.some(
      ({ role, members, condition }) =>
        members.some((member) => caller.members.includes(member)) &&
        (permissionsOf(state, role)?.includes(permission) ?? false) &&
        (condition === undefined || holds(condition.expression, circumstances)),
    ),
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
