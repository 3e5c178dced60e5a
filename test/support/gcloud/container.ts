import type { Json } from "./client.ts";
import type { Commands, Flag, Run } from "./command.ts";
import { ApiFailure } from "./client.ts";
import { GcloudFailure } from "./failure.ts";

const PLACE: Readonly<Record<string, Flag>> = { location: "value", region: "value", zone: "value" };

function place(run: Run): string {
  const location = run.flags.get("location") ?? run.flags.get("region") ?? run.flags.get("zone");
  if (location === undefined)
    throw new GcloudFailure(1, "One of [--location, --zone, --region] must be supplied: Please specify location.");
  return `v1/projects/${run.project()}/locations/${location}`;
}

/** Follows a change until it is done. */
async function finished(run: Run, operation: Json, words: string): Promise<void> {
  process.stderr.write(`${words}...\n`);
  let seen = operation;
  for (let left = 600; seen.status !== "DONE"; left -= 1) {
    if (left === 0) throw new GcloudFailure(1, `Operation [${seen.name}] is still running`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    seen = await run.client.ask("CONTAINER", "GET", `${place(run)}/operations/${seen.name}`);
  }
  process.stderr.write("done.\n");
}

export const CLUSTERS: Commands = {
  "container clusters describe": {
    positional: ["NAME"],
    flags: PLACE,
    run: async (run) => {
      const [name = ""] = run.names;
      try {
        return await run.client.ask("CONTAINER", "GET", `${place(run)}/clusters/${name}`);
      } catch (error) {
        if (!(error instanceof ApiFailure) || error.status !== 404) throw error;
        throw new GcloudFailure(1, `${error.message}\nNo cluster named '${name}' in ${run.project()}.`);
      }
    },
  },
  "container clusters list": {
    flags: PLACE,
    run: async (run) => {
      const { clusters = [] }: Json = await run.client.ask(
        "CONTAINER",
        "GET",
        `v1/projects/${run.project()}/locations/-/clusters`,
      );
      return clusters;
    },
  },
  "container clusters update": {
    positional: ["NAME"],
    flags: { ...PLACE, "workload-pool": "value" },
    oneOf: [["workload-pool"]],
    run: async (run) => {
      const [name = ""] = run.names;
      const operation: Json = await run.client.ask("CONTAINER", "PUT", `${place(run)}/clusters/${name}`, {
        update: { desiredWorkloadIdentityConfig: { workloadPool: run.flags.get("workload-pool") } },
      });
      await finished(run, operation, `Updating ${name}`);
    },
  },
  "container node-pools describe": {
    positional: ["NAME"],
    flags: { ...PLACE, cluster: "value" },
    required: ["cluster"],
    run: (run) =>
      run.client.ask(
        "CONTAINER",
        "GET",
        `${place(run)}/clusters/${run.flags.get("cluster")}/nodePools/${run.names[0]}`,
      ),
  },
  "container node-pools update": {
    positional: ["NAME"],
    flags: { ...PLACE, cluster: "value", "workload-metadata": ["GCE_METADATA", "GKE_METADATA"] },
    required: ["cluster"],
    oneOf: [["workload-metadata"]],
    run: async (run) => {
      const [name = ""] = run.names;
      const pool = `${place(run)}/clusters/${run.flags.get("cluster")}/nodePools/${name}`;
      const operation: Json = await run.client.ask("CONTAINER", "PUT", pool, {
        workloadMetadataConfig: { mode: run.flags.get("workload-metadata") },
      });
      await finished(run, operation, `Updating node pool ${name}`);
    },
  },
};
