import { addBinding, removeBinding, type PolicyStore } from "./bindings.ts";
import type { Json } from "./client.ts";
import type { Commands } from "./command.ts";

const policy: PolicyStore = {
  positional: "PROJECT_ID",
  read: ({ client, names: [project = ""] }) =>
    client.ask("CLOUDRESOURCEMANAGER", "POST", `v1/projects/${project}:getIamPolicy`, {
      options: { requestedPolicyVersion: 3 },
    }),
  write: ({ client, names: [project = ""] }, changed) =>
    client.ask("CLOUDRESOURCEMANAGER", "POST", `v1/projects/${project}:setIamPolicy`, { policy: changed }),
  done: ({ names }) => `Updated IAM policy for project [${names[0]}].`,
};

export const PROJECTS: Commands = {
  "projects describe": {
    positional: ["PROJECT_ID"],
    run: ({ client, names: [project = ""] }) => client.ask("CLOUDRESOURCEMANAGER", "GET", `v1/projects/${project}`),
  },
  "projects get-iam-policy": { positional: ["PROJECT_ID"], run: (run) => policy.read(run) },
  "projects add-iam-policy-binding": addBinding(policy),
  "projects remove-iam-policy-binding": removeBinding(policy),
  "services enable": {
    positional: ["SERVICE..."],
    run: async ({ client, project, names }) => {
      for (const service of names)
        await client.ask("SERVICEUSAGE", "POST", `v1/projects/${project()}/services/${service}:enable`, {});
    },
  },
  "services list": {
    flags: { enabled: "switch", filter: "value" },
    run: async ({ client, project, flags }) => {
      const answer: Json = await client.ask(
        "SERVICEUSAGE",
        "GET",
        `v1/projects/${project()}/services?filter=${encodeURIComponent("state:ENABLED")}`,
      );
      const [, wanted] = /^(?:config\.)?name[=:](.+)$/.exec(flags.get("filter") ?? "") ?? [];
      const services: Json[] = answer.services ?? [];
      return services.filter(({ config }) => wanted === undefined || config.name === wanted);
    },
  },
};
