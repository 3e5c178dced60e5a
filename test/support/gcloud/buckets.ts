import { addBinding, removeBinding, type PolicyStore } from "./bindings.ts";
import type { Json } from "./client.ts";
import type { Commands, Run } from "./command.ts";
import { GcloudFailure } from "./failure.ts";

function bucketIn({ names: [url = ""] }: Run, command: string): string {
  const [, bucket] = /^gs:\/\/([^/]+)\/?$/.exec(url) ?? [];
  if (bucket !== undefined) return bucket;
  throw new GcloudFailure(
    1,
    `"gcloud storage buckets ${command}" only accepts Google Cloud Storage URLs.\nExample: "gs://bucket"\nReceived: "${url}"`,
  );
}

const policyOf = (command: string): PolicyStore => ({
  positional: "URL",
  read: (run) => run.client.ask("STORAGE", "GET", `b/${bucketIn(run, command)}/iam?optionsRequestedPolicyVersion=3`),
  write: (run, changed) => run.client.ask("STORAGE", "PUT", `b/${bucketIn(run, command)}/iam`, changed as object),
});

/** The command has names of its own for what the API says. */
function described(bucket: Json): object {
  return {
    name: bucket.name,
    location: bucket.location,
    location_type: bucket.locationType,
    storage_url: `gs://${bucket.name}/`,
    uniform_bucket_level_access: bucket.iamConfiguration?.uniformBucketLevelAccess?.enabled ?? false,
    ...(bucket.billing?.requesterPays === true ? { requester_pays: true } : {}),
    ...(bucket.versioning?.enabled === true ? { versioning_enabled: true } : {}),
  };
}

export const BUCKETS: Commands = {
  "storage buckets describe": {
    positional: ["URL"],
    run: async (run) => described(await run.client.ask("STORAGE", "GET", `b/${bucketIn(run, "describe")}`)),
  },
  "storage buckets get-iam-policy": { positional: ["URL"], run: (run) => policyOf("get-iam-policy").read(run) },
  "storage buckets add-iam-policy-binding": addBinding(policyOf("add-iam-policy-binding")),
  "storage buckets remove-iam-policy-binding": removeBinding(policyOf("remove-iam-policy-binding")),
  "storage buckets create": {
    positional: ["URL"],
    flags: { location: "value", "uniform-bucket-level-access": "switch" },
    run: async (run) => {
      const name = bucketIn(run, "create");
      process.stderr.write(`Creating gs://${name}/...\n`);
      await run.client.ask("STORAGE", "POST", `b?project=${run.project()}`, {
        name,
        location: run.flags.get("location"),
        iamConfiguration: {
          uniformBucketLevelAccess: { enabled: run.flags.has("uniform-bucket-level-access") },
        },
      });
    },
  },
};
