import { may, projectResource } from "./authorize.ts";
import type { Api, Call } from "./call.ts";
import { errorInfo, Refusal } from "./refusal.ts";
import type { Project } from "./state.ts";

const HOST = "serviceusage.googleapis.com";

function projectFor({ state, caller }: Call, name: string, permission: string): Project {
  const project = state.projectOf(name);
  if (project !== undefined && may(state, caller, permission, projectResource(project))) return project;
  throw new Refusal(403, "PERMISSION_DENIED", "Permission denied to get service", [
    errorInfo("AUTH_PERMISSION_DENIED", HOST, { permission }),
  ]);
}

function shown({ number, services }: Project, service: string): object {
  return {
    name: `projects/${number}/services/${service}`,
    parent: `projects/${number}`,
    config: { name: service },
    state: services.get(service) ?? "ENABLED",
  };
}

export const SERVICE_USAGE: Api = {
  host: HOST,
  prefix: "/serviceusage/",
  style: "rpc",
  routes: [
    {
      operation: "serviceusage.services.get",
      permission: "serviceusage.services.get",
      method: "GET",
      path: /^v1\/projects\/([^/]+)\/services\/([^/:]+)$/,
      run: (call, name = "", service = "") => {
        const project = projectFor(call, name, "serviceusage.services.get");
        if (service.endsWith(".googleapis.com")) return shown(project, service);
        throw new Refusal(404, "NOT_FOUND", `Not found or permission denied for service(s): ${service}.`);
      },
    },
    {
      operation: "serviceusage.services.list",
      permission: "serviceusage.services.list",
      method: "GET",
      path: /^v1\/projects\/([^/]+)\/services$/,
      run: (call, name = "") => {
        const project = projectFor(call, name, "serviceusage.services.list");
        const wanted = /^state:(ENABLED|DISABLED)$/.exec(call.request.query.get("filter") ?? "")?.[1];
        const services = [...project.services]
          .filter(([, state]) => wanted === undefined || state === wanted)
          .map(([service]) => shown(project, service));
        return { services };
      },
    },
    {
      operation: "serviceusage.services.enable",
      permission: "serviceusage.services.enable",
      method: "POST",
      path: /^v1\/projects\/([^/]+)\/services\/([^/:]+):enable$/,
      run: (call, name = "", service = "") => {
        const project = projectFor(call, name, "serviceusage.services.enable");
        project.services.set(service, "ENABLED");
        return { name: "operations/noop.DONE_OPERATION", done: true, response: { service: shown(project, service) } };
      },
    },
  ],
};
