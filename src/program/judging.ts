import { Option, type Command } from "commander";

import type { App } from "../ports.ts";
import { EXAMPLES } from "./examples.ts";
import { clusterOptions, checkOptions, manifestOptions, outputOption, type Run } from "./options.ts";

export function addDoctor(program: Command, app: App, run: Run): void {
  checkOptions(clusterOptions(program.command("doctor")))
    .description("looks at one cluster and names what is wrong; changes nothing")
    .argument("[cluster]", "AntflyCluster; not needed when the namespace has only one")
    .option("--thorough", "also checks that read more than the cluster's namespace")
    .option("--prove", "also take the pods' identity to the cloud: get a token, write, read and remove a small object")
    .option("--bucket <bucket>", "bucket and prefix that the database is to use, as BUCKET/PREFIX")
    .option("--endpoint <url>", "where the object store is reached from here, such as a port-forward")
    .option("--eks-cluster <name>", "name of the EKS cluster, where the kubeconfig does not tell it")
    .option("--gke-cluster <name>", "GKE cluster as PROJECT/LOCATION/NAME, where the kubeconfig does not tell it")
    .option("--profile <name>", "AWS profile that the tool itself asks with")
    .option("--region <region>", "AWS region of the cluster")
    .option("--no-cloud", "ask no cloud (also: ANTFLY_CREDS_CLOUD=off)")
    .option("--wait <duration>", "look again until nothing is left that time could mend; exit 124 at the end")
    .addOption(
      new Option("--show <what>", "instead of a report: which variable of which container comes from where").choices([
        "env",
      ]),
    )
    .option("--save <file>", "also save the facts that were judged (no values), for --from")
    .option("--from <file>", "judge saved facts, without any cluster")
    .option("--bundle <file>", "also write report, facts and environments into a .tgz for a support ticket")
    .addHelpText("after", EXAMPLES.doctor)
    .action(
      run(async (cluster: string | undefined, options: never) =>
        (await import("../commands/doctor.ts")).doctor(cluster, options, app),
      ),
    );
}

export function addValidate(program: Command, app: App, run: Run): void {
  checkOptions(manifestOptions(clusterOptions(program.command("validate"))))
    .description("judges files without any cluster: manifests, env files, IAM policies, saved facts; changes nothing")
    .argument("[paths...]", "files and folders, or - for standard input (rendered Helm or Kustomize)")
    .option("--secret <name>", "judge the values of this Secret on the cluster instead")
    .addHelpText("after", EXAMPLES.validate)
    .action(
      run(async (paths: readonly string[], options: never) =>
        (await import("../commands/validate.ts")).validate(paths, options, app),
      ),
    );
}

export function addPreflight(program: Command, app: App, run: Run): void {
  checkOptions(manifestOptions(clusterOptions(program.command("preflight"))))
    .description("judges manifests as they will be on the cluster, before they are applied; changes nothing")
    .argument("<paths...>", "files and folders, or - for standard input (rendered Helm or Kustomize)")
    .option("--offline", "ask no cluster")
    .option("--thorough", "also checks that read more than the cluster's namespace")
    .addHelpText("after", EXAMPLES.preflight)
    .action(
      run(async (paths: readonly string[], options: never) =>
        (await import("../commands/preflight.ts")).preflight(paths, options, app),
      ),
    );
}

export function addWhy(program: Command, app: App, run: Run): void {
  clusterOptions(program.command("why"))
    .description("starts from the symptom and ranks what may be behind it; changes nothing")
    .argument("[object]", "pod/NAME, backup/NAME or restore/NAME on the cluster")
    .option("--error <text>", "an error text or some lines of a log; - for standard input")
    .addOption(outputOption("human, json"))
    .addHelpText("after", EXAMPLES.why)
    .action(
      run(async (object: string | undefined, options: never) =>
        (await import("../commands/why.ts")).why(object, options, app),
      ),
    );
}
