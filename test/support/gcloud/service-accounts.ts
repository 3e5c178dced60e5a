import { addBinding, removeBinding, type PolicyStore } from "./bindings.ts";
import type { Json } from "./client.ts";
import type { Command, Commands, Run } from "./command.ts";
import { GcloudFailure } from "./failure.ts";

const POSITIONAL = "SERVICE_ACCOUNT";

function path({ names: [account = ""] }: Pick<Run, "names">): string {
  if (!/^(\d+|[^@\s]+@[^@\s]+\.[^@\s]+)$/.test(account))
    throw new GcloudFailure(
      2,
      `argument ${POSITIONAL}: Bad value [${account}]: Not a valid service account identifier. It should be either a numeric string representing the unique_id or an email of the form: my-iam-account@somedomain.com or my-iam-account@PROJECT_ID.iam.gserviceaccount.com`,
    );
  return `v1/projects/-/serviceAccounts/${account}`;
}

const policy: PolicyStore = {
  positional: POSITIONAL,
  read: (run) => run.client.ask("IAM", "POST", `${path(run)}:getIamPolicy?options.requestedPolicyVersion=3`),
  write: (run, changed) => run.client.ask("IAM", "POST", `${path(run)}:setIamPolicy`, { policy: changed }),
  done: ({ names }) => `Updated IAM policy for serviceAccount [${names[0]}].`,
};

function of(method: string, suffix: string, done: ((name: string) => string) | undefined): Command {
  return {
    positional: [POSITIONAL],
    run: async (run) => {
      const answer: Json = await run.client.ask(
        "IAM",
        method,
        `${path(run)}${suffix}`,
        method === "POST" ? {} : undefined,
      );
      if (done === undefined) return answer;
      process.stderr.write(`${done(run.names[0] ?? "")}\n`);
      return undefined;
    },
  };
}

export const SERVICE_ACCOUNTS: Commands = {
  "iam service-accounts create": {
    positional: ["NAME"],
    flags: { "display-name": "value", description: "value" },
    run: async ({ client, project, names: [accountId = ""], flags }) => {
      const displayName = flags.get("display-name");
      const description = flags.get("description");
      await client.ask("IAM", "POST", `v1/projects/${project()}/serviceAccounts`, {
        accountId,
        serviceAccount: { displayName, description },
      });
      process.stderr.write(`Created service account [${accountId}].\n`);
    },
  },
  "iam service-accounts describe": of("GET", "", undefined),
  "iam service-accounts enable": of("POST", ":enable", (name) => `Enabled service account [${name}].`),
  "iam service-accounts disable": of("POST", ":disable", (name) => `Disabled service account [${name}].`),
  "iam service-accounts delete": of("DELETE", "", (name) => `deleted service account [${name}]`),
  "iam service-accounts get-iam-policy": {
    positional: [POSITIONAL],
    run: (run) => policy.read(run),
  },
  "iam service-accounts add-iam-policy-binding": addBinding(policy),
  "iam service-accounts remove-iam-policy-binding": removeBinding(policy),
  "iam service-accounts keys list": {
    flags: { "iam-account": "value" },
    required: ["iam-account"],
    run: async ({ client, flags }) => {
      const account = flags.get("iam-account") ?? "";
      const { keys = [] }: Json = await client.ask("IAM", "GET", `${path({ names: [account] })}/keys`);
      return keys;
    },
  },
};
