import type { Command } from "commander";

import type { App } from "../ports.ts";
import { EXAMPLES } from "./examples.ts";
import { clusterOptions, outputOption, REPORT_FORMATS, type Run } from "./options.ts";

export function addIdentity(init: Command, app: App, run: Run): void {
  roleOptions(init.command("irsa"))
    .description("an IAM role that the pods take on by the token of their ServiceAccount (IRSA)")
    .addHelpText("after", EXAMPLES.initIrsa)
    .action(
      run(async (cluster: string | undefined, options: never) =>
        (await import("../commands/init-irsa.ts")).initIrsa(cluster, options, app),
      ),
    );
  roleOptions(init.command("pod-identity"))
    .description("an IAM role that the pods get from the EKS Pod Identity agent")
    .addHelpText("after", EXAMPLES.initPodIdentity)
    .action(
      run(async (cluster: string | undefined, options: never) =>
        (await import("../commands/init-pod-identity.ts")).initPodIdentity(cluster, options, app),
      ),
    );
  workloadOptions(init.command("workload-identity"))
    .description("an identity on Google Cloud that the pods have by the workload pool of their GKE cluster")
    .addHelpText("after", EXAMPLES.initWorkloadIdentity)
    .action(
      run(async (cluster: string | undefined, options: never) =>
        (await import("../commands/init-workload-identity.ts")).initWorkloadIdentity(cluster, options, app),
      ),
    );
}

/** Options of both ways to give the pods a role. */
function roleOptions(command: Command): Command {
  return identityOptions(
    clusterOptions(command)
      .argument("[cluster]", "AntflyCluster; not needed when the namespace has only one")
      .option("--role <role>", "name or ARN of the role (default: the ServiceAccount's, else antfly-NAMESPACE-CLUSTER)")
      .option("--eks-cluster <name>", "name of the EKS cluster, where the kubeconfig does not tell it")
      .option("--profile <name>", "AWS profile that the tool itself works with")
      .option("--region <region>", "AWS region of the cluster and its buckets"),
    "policies, a Terraform file and an aws script",
  );
}

function workloadOptions(command: Command): Command {
  return identityOptions(
    clusterOptions(command)
      .argument("[cluster]", "AntflyCluster; not needed when the namespace has only one")
      .option(
        "--google-account <account>",
        "email of the Google service account, or the part before the @ (default: the ServiceAccount's, else antfly-NAMESPACE-CLUSTER)",
      )
      .option("--google-project <id>", "project that the account is in (default: the cluster's)")
      .option("--direct", "no Google service account: the ServiceAccount has the role itself")
      .option("--role <role>", "role on the bucket (default: roles/storage.objectUser)")
      .option("--gke-cluster <name>", "GKE cluster as PROJECT/LOCATION/NAME, where the kubeconfig does not tell it")
      .option(
        "--enable-pool",
        "turn on the workload pool, and on the node pools that run the pods: all their nodes are made anew",
      ),
    "a Terraform file and a gcloud script",
  );
}

/** Options of every way to give the pods an identity. */
function identityOptions(command: Command, files: string): Command {
  return command
    .option("--bucket <bucket>", "bucket and prefix besides those of the backups, as BUCKET/PREFIX")
    .option("--service-account <name>", "ServiceAccount of the pods (default: the cluster's own, else CLUSTER)")
    .option("--identity-only", "the identity is for something else than backups, which stay as they are")
    .option("--overwrite", "replace files that --write-to finds")
    .option("--managed", "change objects although Argo CD, Flux, Helm or another tool manages them")
    .option("--dry-run", "show what would change, and change nothing")
    .option("--write-to <dir>", `write manifests, ${files}, and change nothing`)
    .option("--wait <duration>", "how long to wait for the pods and the identity afterwards", "2m")
    .option("-y, --yes", "do not ask")
    .option("-q, --quiet", "print problems only")
    .addOption(outputOption(REPORT_FORMATS));
}
