import { may, permissionsOf, projectResource } from "./authorize.ts";
import type { Api } from "./call.ts";
import { ACCOUNT_ROUTES } from "./iam-accounts.ts";
import { iamDenied, notFound } from "./refusal.ts";

export const IAM: Api = {
  host: "iam.googleapis.com",
  prefix: "/iam/",
  style: "rpc",
  routes: [
    ...ACCOUNT_ROUTES,
    {
      operation: "iam.roles.get",
      permission: "",
      method: "GET",
      path: /^v1\/(roles\/[^/]+)$/,
      run: ({ state }, name = "") => {
        const includedPermissions = permissionsOf(state, name);
        if (includedPermissions === undefined) throw notFound(`The role named ${name} was not found.`);
        return { name, includedPermissions };
      },
    },
    {
      operation: "iam.projects.roles.get",
      permission: "iam.roles.get",
      method: "GET",
      path: /^v1\/(projects\/([^/]+)\/roles\/[^/]+)$/,
      run: ({ state, caller }, name = "", project = "") => {
        const found = state.projectOf(project);
        if (found === undefined || !may(state, caller, "iam.roles.get", projectResource(found)))
          throw iamDenied("iam.roles.get", name);
        const includedPermissions = permissionsOf(state, name);
        if (includedPermissions === undefined) throw notFound(`The role named ${name} was not found.`);
        return { name, includedPermissions };
      },
    },
  ],
};
