import type { Google } from "../ports.ts";
import { needed } from "./google-answer.ts";
import { path, type GoogleConnection } from "./google-connection.ts";
import { POLICY_VERSION, policyIn } from "./google-policy.ts";

type Calls = Pick<Google, "getProject" | "getProjectPolicy" | "getService">;

/** Projects, by id or number, and the APIs that are on in them. */
export function projectCalls({ read }: GoogleConnection): Calls {
  return {
    async getProject(project) {
      const action = "resourcemanager.projects.get";
      const answer = await read({ api: "CLOUDRESOURCEMANAGER", action, path: path`/v1/projects/${project}` });
      return { id: needed(answer, "projectId", action), number: needed(answer, "projectNumber", action) };
    },

    async getProjectPolicy(project) {
      const action = "resourcemanager.projects.getIamPolicy";
      const answer = await read({
        api: "CLOUDRESOURCEMANAGER",
        action,
        path: `${path`/v1/projects/${project}`}:getIamPolicy`,
        method: "POST",
        body: { options: { requestedPolicyVersion: POLICY_VERSION } },
      });
      return policyIn(answer, action);
    },

    async getService(project, service) {
      const action = "serviceusage.services.get";
      const place = path`/v1/projects/${project}/services/${service}`;
      const state = needed(await read({ api: "SERVICEUSAGE", action, path: place }), "state", action);
      return state === "ENABLED" ? "ENABLED" : "DISABLED";
    },
  };
}
