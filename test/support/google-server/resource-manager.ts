import { may, projectResource } from "./authorize.ts";
import { assertSwitchedOn, type Api, type Call } from "./call.ts";
import { errorInfo, Refusal } from "./refusal.ts";
import { setPolicy } from "./set-policy.ts";
import type { Project } from "./state.ts";

const HOST = "cloudresourcemanager.googleapis.com";

/** A project that is not there is denied as one that is somebody else's. */
function projectFor({ state, caller }: Call, name: string, permission: string): Project {
  const project = state.projectOf(name);
  if (project === undefined || !may(state, caller, permission, projectResource(project))) {
    const resource = `//cloudresourcemanager.googleapis.com/projects/${name}`;
    const message = `Permission '${permission}' denied on resource '${resource}' (or it may not exist).`;
    throw new Refusal(403, "PERMISSION_DENIED", message, [
      errorInfo("IAM_PERMISSION_DENIED", HOST, { permission, resource: `projects/${name}` }),
    ]);
  }
  assertSwitchedOn(state, project.id, HOST, "Cloud Resource Manager API");
  return project;
}

function requestedVersion({ body, request }: Call): number {
  return Number(body?.options?.requestedPolicyVersion ?? request.query.get("options.requestedPolicyVersion") ?? 1);
}

export const RESOURCE_MANAGER: Api = {
  host: HOST,
  prefix: "/cloudresourcemanager/",
  style: "rpc",
  routes: [
    {
      operation: "cloudresourcemanager.projects.get",
      permission: "resourcemanager.projects.get",
      method: "GET",
      path: /^v([13])\/projects\/([^/:]+)$/,
      run: (call, version, name = "") => {
        const { id, number } = projectFor(call, name, "resourcemanager.projects.get");
        return version === "1"
          ? { projectNumber: number, projectId: id, lifecycleState: "ACTIVE", name: id }
          : { name: `projects/${number}`, projectId: id, state: "ACTIVE", displayName: id };
      },
    },
    {
      operation: "cloudresourcemanager.projects.getIamPolicy",
      permission: "resourcemanager.projects.getIamPolicy",
      method: "POST",
      path: /^v[13]\/projects\/([^/:]+):getIamPolicy$/,
      run: (call, name = "") =>
        projectFor(call, name, "resourcemanager.projects.getIamPolicy").policy.shown(requestedVersion(call)),
    },
    {
      operation: "cloudresourcemanager.projects.setIamPolicy",
      permission: "resourcemanager.projects.setIamPolicy",
      method: "POST",
      path: /^v[13]\/projects\/([^/:]+):setIamPolicy$/,
      run: (call, name = "") => {
        const { policy } = projectFor(call, name, "resourcemanager.projects.setIamPolicy");
        setPolicy(call.state, "project", policy, call.body?.policy);
        return policy.shown(3);
      },
    },
  ],
};
