import { Option, type Command } from "commander";

import type { App } from "../ports.ts";
import { EXAMPLES } from "./examples.ts";
import { clusterOptions, outputOption, list, type Run } from "./options.ts";

export function addExplain(program: Command, app: App, run: Run): void {
  program
    .command("explain")
    .description("the page of a check or a cause, offline")
    .argument("[code]", "ANT0201, or a cause such as k8s.secret-missing; without it, all checks")
    .addHelpText("after", EXAMPLES.explain)
    .action(run(async (code: string | undefined) => (await import("../commands/explain.ts")).explain(code, app)));
}

export function addPermissions(program: Command, app: App, run: Run): void {
  clusterOptions(program.command("permissions"))
    .description("the least Role, IAM policy and Google role that the checks need, generated from what they declare")
    .argument("[cluster]", "AntflyCluster whose Secrets the Role names; without it, give --secret")
    .addOption(list("--for <code>", "only for this check (repeatable)"))
    .addOption(list("--secret <name>", "a Secret that may be read (repeatable)"))
    .addOption(list("--config-map <name>", "a ConfigMap that may be read (repeatable)"))
    .option("--thorough", "also what checks need that read more than the cluster's namespace")
    .option("--prove", "also what `doctor --prove` needs: a token of the pods' ServiceAccount")
    .option("--why", "also what `why pod/NAME` and `why backup/NAME` read")
    .option("--init", "also what `init secret` needs to write; name a Secret of its --secret-name with --secret")
    .option("--init-external-secret", "also what `init external-secret` needs")
    .option("--init-irsa", "also what `init irsa` needs, in the cluster and in AWS")
    .option("--init-pod-identity", "also what `init pod-identity` needs, in the cluster and in AWS")
    .option("--init-workload-identity", "also what `init workload-identity` needs, in the cluster and in Google Cloud")
    .option("--init-hmac", "also what `init secret --create-hmac` needs, in the cluster and in Google Cloud")
    .option(
      "--role <role>",
      "name or ARN of the role that those two of AWS are given, if it is not the one they take by themselves",
    )
    .option("--optional", "also rights that only add evidence, most of them cluster-wide")
    .option("--service-account <name>", "also bind the Role to this ServiceAccount")
    .addOption(outputOption("yaml, json"))
    .addHelpText("after", EXAMPLES.permissions)
    .action(
      run(async (cluster: string | undefined, options: never) =>
        (await import("../commands/permissions.ts")).permissions(cluster, options, app),
      ),
    );
}

export function addHash(program: Command, app: App, run: Run): void {
  clusterOptions(program.command("hash"))
    .description("antfly.io/envfrom-hash as both operator generations compute it")
    .argument("[cluster]", "AntflyCluster; not needed when there is only one")
    .addOption(
      list("-f, --filename <path>", "compute from manifests: a file, a folder or - (repeatable)").default(undefined),
    )
    .option("--assume-absent", "with -f: a Secret that is not in the files does not exist")
    .addOption(outputOption("human, json"))
    .addHelpText("after", EXAMPLES.hash)
    .action(
      run(async (cluster: string | undefined, options: never) =>
        (await import("../commands/hash.ts")).hash(cluster, options, app),
      ),
    );
}

export function addTrustPolicy(program: Command, app: App, run: Run): void {
  clusterOptions(program.command("trust-policy"))
    .description(
      "builds a role's trust policy, or says which element of one keeps a ServiceAccount out; changes nothing",
    )
    .argument("[cluster]", "AntflyCluster that says what the flags do not; not needed when the namespace has only one")
    .option("--check <policy>", "a file, - for standard input, or the ARN of a role: is the ServiceAccount trusted?")
    .option("--merge <role>", "name or ARN of a role, or a file: the smallest change after which it is")
    .addOption(list("--issuer <url>", "issuer of the cluster's tokens (repeatable)").default([], "the cluster's own"))
    .addOption(list("--subject <namespace/name>", "ServiceAccount (repeatable)").default([], "the AntflyCluster's own"))
    .option("--audience <audience>", "audience of the tokens (default: the ServiceAccount's, else sts.amazonaws.com)")
    .option("--account <id>", "account of the role (default: the role's, the policy's, or that of your AWS identity)")
    .addOption(
      new Option("--mechanism <mechanism>", "how the pods come by the role")
        .choices(["irsa", "pod-identity"])
        .default("irsa"),
    )
    .addOption(list("--claim <key=value>", "a claim of the token or a condition key of the request (repeatable)"))
    .addOption(list("--without-claim <key>", "the request does not have this key (repeatable)"))
    .addOption(
      new Option("--fail-on <severity>", "exit 3 on errors, or also 4 on warnings (default: error)").choices([
        "error",
        "warning",
      ]),
    )
    .option("--eks-cluster <name>", "name of the EKS cluster, where the kubeconfig does not tell it")
    .option("--profile <name>", "AWS profile that the tool itself asks with")
    .option("--region <region>", "AWS region of the cluster")
    .option("--no-cloud", "ask no cloud (also: ANTFLY_CREDS_CLOUD=off)")
    .addOption(outputOption("human, json"))
    .addHelpText("after", EXAMPLES.trustPolicy)
    .action(
      run(async (cluster: string | undefined, options: never) =>
        (await import("../commands/trust-policy.ts")).trustPolicy(cluster, options, app),
      ),
    );
}
