import { Command, CommanderError, Option } from "commander";

import { UserError, type ExitCode } from "./domain/errors.ts";
import type { App } from "./ports.ts";

/** As `REPORT_FORMATS` of print-report.ts, which is loaded when a command runs. */
const REPORT_FORMATS = "human, json, ndjson, sarif, junit, github, markdown";

type Action = (...args: never[]) => Promise<ExitCode>;

/**
 * Parses the command line and runs one command; every command is loaded when it is called.
 * @returns the exit code; commander's usage errors are 2
 */
export async function runProgram(argv: readonly string[], app: App): Promise<ExitCode> {
  if (argv[0] === "complete") {
    const { printSuggestions } = await import("./commands/completion.ts");
    return printSuggestions(
      argv.slice(1),
      buildProgram(app, () => {}),
    );
  }
  let exitCode: ExitCode = 0;
  const program = buildProgram(app, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    // A command that only holds others was called without one; its help has been printed.
    if (error.code === "commander.help") return 2;
    const [message = "wrong usage", ...rest] = error.message.replace(/^error: /, "").split("\n");
    throw new UserError("usage", message, {
      hint: rest.join(" ").replace(/^\((.*)\)$/, "$1") || "see antfly-creds --help",
    });
  }
}

/** The whole command tree; `finish` is given the exit code of the command that ran. */
export function buildProgram(app: App, finish: (code: ExitCode) => void): Command {
  const program = new Command("antfly-creds")
    .description(
      "Sets up, proves, diagnoses and rotates the credentials with which Antfly clusters reach object storage.",
    )
    .version(app.version, "-V, --version")
    .option("--no-color", "no colours (NO_COLOR and FORCE_COLOR are honoured too)")
    .option("--color", "colours, also when the output is no terminal")
    .configureOutput({
      writeOut: (text) => app.terminal.out(text),
      writeErr: (text) => app.terminal.err(text),
      outputError: () => {},
    })
    .showHelpAfterError(false)
    .exitOverride();
  program.addHelpText("after", EXAMPLES.program);

  const run =
    (action: Action) =>
    async (...args: unknown[]): Promise<void> => {
      const command = args.at(-1);
      if (command instanceof Command) assertNoneEmpty(command);
      finish(await action(...(args as never[])));
    };

  addDoctor(program, app, run);
  addValidate(program, app, run);
  addPreflight(program, app, run);
  addWhy(program, app, run);
  addInit(program, app, run);
  addHash(program, app, run);
  addTrustPolicy(program, app, run);

  program
    .command("explain")
    .description("the page of a check or a cause, offline")
    .argument("[code]", "ANT0201, or a cause such as k8s.secret-missing; without it, all checks")
    .addHelpText("after", EXAMPLES.explain)
    .action(run(async (code: string | undefined) => (await import("./commands/explain.ts")).explain(code, app)));

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
        (await import("./commands/permissions.ts")).permissions(cluster, options, app),
      ),
    );

  program
    .command("completion")
    .description("a shell completion script")
    .argument("<shell>", "bash, zsh, fish or powershell")
    .addHelpText("after", EXAMPLES.completion)
    .action(
      run(async (shell: string) =>
        (await import("./commands/completion.ts")).printScript(
          shell,
          buildProgram(app, () => {}),
        ),
      ),
    );

  return program;
}

/** An empty word is mostly a variable that was not set: `-n "$NAMESPACE"`. */
function assertNoneEmpty(command: Command): void {
  const values = command.options.map((option) => [option.long, command.opts()[option.attributeName()]] as const);
  const empty = values.find(([, value]) => value === "" || (Array.isArray(value) && value.includes("")));
  const what = empty?.[0] ?? (command.args.includes("") ? "an argument" : undefined);
  if (what === undefined) return;
  throw new UserError("usage", `${what} is empty`, { hint: "is it a variable that is not set?" });
}

type Run = (action: Action) => (...args: unknown[]) => Promise<void>;

function addDoctor(program: Command, app: App, run: Run): void {
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
        (await import("./commands/doctor.ts")).doctor(cluster, options, app),
      ),
    );
}

function addValidate(program: Command, app: App, run: Run): void {
  checkOptions(manifestOptions(clusterOptions(program.command("validate"))))
    .description("judges files without any cluster: manifests, env files, IAM policies, saved facts; changes nothing")
    .argument("[paths...]", "files and folders, or - for standard input (rendered Helm or Kustomize)")
    .option("--secret <name>", "judge the values of this Secret on the cluster instead")
    .addHelpText("after", EXAMPLES.validate)
    .action(
      run(async (paths: readonly string[], options: never) =>
        (await import("./commands/validate.ts")).validate(paths, options, app),
      ),
    );
}

function addPreflight(program: Command, app: App, run: Run): void {
  checkOptions(manifestOptions(clusterOptions(program.command("preflight"))))
    .description("judges manifests as they will be on the cluster, before they are applied; changes nothing")
    .argument("<paths...>", "files and folders, or - for standard input (rendered Helm or Kustomize)")
    .option("--offline", "ask no cluster")
    .option("--thorough", "also checks that read more than the cluster's namespace")
    .addHelpText("after", EXAMPLES.preflight)
    .action(
      run(async (paths: readonly string[], options: never) =>
        (await import("./commands/preflight.ts")).preflight(paths, options, app),
      ),
    );
}

function addWhy(program: Command, app: App, run: Run): void {
  clusterOptions(program.command("why"))
    .description("starts from the symptom and ranks what may be behind it; changes nothing")
    .argument("[object]", "pod/NAME, backup/NAME or restore/NAME on the cluster")
    .option("--error <text>", "an error text or some lines of a log; - for standard input")
    .addOption(outputOption("human, json"))
    .addHelpText("after", EXAMPLES.why)
    .action(
      run(async (object: string | undefined, options: never) =>
        (await import("./commands/why.ts")).why(object, options, app),
      ),
    );
}

function addInit(program: Command, app: App, run: Run): void {
  const init = program
    .command("init")
    .alias("generate")
    .description("sets credentials up: shows the change, asks, applies it, and looks whether it worked");
  clusterOptions(init.command("secret"))
    .description("static keys in a Secret that every node group reads through envFrom")
    .argument("[cluster]", "AntflyCluster; not needed when the namespace has only one")
    .addOption(
      new Option("--provider <provider>", "where the bucket is; by default told by the key, else aws").choices([
        "aws",
        "gcs",
        "minio",
        "s3-compatible",
      ]),
    )
    .option("--from-env-file <file>", "read the values from an env file (AWS_ACCESS_KEY_ID=… lines)")
    .option("--from-stdin", "read the values from standard input, as an env file")
    .option("--profile <name>", "read the keys from a profile of the AWS shared files")
    .option("--endpoint <url>", "S3 endpoint; for aws and gcs it follows from the provider")
    .option("--region <region>", "region of the bucket")
    .option(
      "--secret-name <name>",
      "name of the Secret; by default the one of envFrom that holds the keys or is missing, else CLUSTER-backup-credentials",
    )
    .option(
      "--overwrite",
      "replace values that the Secret already holds (asked for if none are given), and files of --write-to",
    )
    .option("--managed", "change objects although Argo CD, Flux, Helm or another tool manages them")
    .option("--dry-run", "show what would change, checked by the server, and change nothing")
    .option("--write-to <dir>", "write the whole Secret and a patch into a folder, and change nothing on the cluster")
    .option("--plaintext-in-git", "allow --write-to to put a readable Secret into a Git work tree")
    .option("--wait <duration>", "how long to wait for the pods afterwards", "2m")
    .option("-y, --yes", "do not ask")
    .option("-q, --quiet", "print problems only")
    .addOption(outputOption(REPORT_FORMATS))
    .addHelpText("after", EXAMPLES.initSecret)
    .action(
      run(async (cluster: string | undefined, options: never) =>
        (await import("./commands/init-secret.ts")).initSecret(cluster, options, app),
      ),
    );
  addIdentity(init, app, run);
  addExternalSecret(init, app, run);
  addEncryption(init, app, run);
}

function addExternalSecret(init: Command, app: App, run: Run): void {
  clusterOptions(init.command("external-secret"))
    .description("static keys from a secret manager, which the External Secrets operator writes into a Secret")
    .argument("[cluster]", "AntflyCluster; not needed when the namespace has only one")
    .addOption(
      new Option("--from <manager>", "what keeps the keys; a SecretStore is made for it").choices([
        "aws-secrets-manager",
        "gcp-secret-manager",
        "vault",
      ]),
    )
    .option("--store <name>", "read through this SecretStore, which stays as it is")
    .option("--cluster-store <name>", "read through this ClusterSecretStore, which stays as it is")
    .option(
      "--store-service-account <name>",
      "ServiceAccount that the new store reads with (default: the operator's own)",
    )
    .option("--store-region <region>", "region of AWS Secrets Manager (default: --region)")
    .option("--google-project <project>", "project of Google Secret Manager")
    .option("--vault-server <url>", "address of Vault")
    .option("--vault-role <role>", "role of Vault's Kubernetes auth method")
    .option("--vault-path <path>", "mount path of the KV engine, version 2 (default: secret)")
    .option("--vault-mount <path>", "mount path of the Kubernetes auth method (default: kubernetes)")
    .option(
      "--remote-key <key>",
      "entry of the manager (default: antfly/NAMESPACE/CLUSTER, for Google antfly-NAMESPACE-CLUSTER)",
    )
    .option("--id-property <name>", "property of the entry that is the key's id", "access_key_id")
    .option("--secret-property <name>", "property of the entry that is the key's secret", "secret_access_key")
    .addOption(
      new Option("--provider <provider>", "where the bucket is (default: aws)").choices([
        "aws",
        "gcs",
        "minio",
        "s3-compatible",
      ]),
    )
    .option("--endpoint <url>", "S3 endpoint; for aws and gcs it follows from the provider")
    .option("--region <region>", "region of the bucket")
    .option(
      "--secret-name <name>",
      "name of the Secret and the ExternalSecret; by default the one of envFrom that is missing, else CLUSTER-backup-credentials",
    )
    .option("--refresh <duration>", "how often the manager is asked (default: 1h, or as it is)")
    .option("--overwrite", "replace files that --write-to finds")
    .option("--managed", "change objects although Argo CD, Flux, Helm or another tool manages them")
    .option("--dry-run", "show what would change, checked by the server, and change nothing")
    .option("--write-to <dir>", "write manifests and the reader's rights into a folder, and change nothing")
    .option(
      "--wait <duration>",
      "how long to wait for the pods afterwards, and for the Secret (that at least 15s)",
      "2m",
    )
    .option("-y, --yes", "do not ask")
    .option("-q, --quiet", "print problems only")
    .addOption(outputOption(REPORT_FORMATS))
    .addHelpText("after", EXAMPLES.initExternalSecret)
    .action(
      run(async (cluster: string | undefined, options: never) =>
        (await import("./commands/init-external-secret.ts")).initExternalSecret(cluster, options, app),
      ),
    );
}

function addIdentity(init: Command, app: App, run: Run): void {
  roleOptions(init.command("irsa"))
    .description("an IAM role that the pods take on by the token of their ServiceAccount (IRSA)")
    .addHelpText("after", EXAMPLES.initIrsa)
    .action(
      run(async (cluster: string | undefined, options: never) =>
        (await import("./commands/init-irsa.ts")).initIrsa(cluster, options, app),
      ),
    );
  roleOptions(init.command("pod-identity"))
    .description("an IAM role that the pods get from the EKS Pod Identity agent")
    .addHelpText("after", EXAMPLES.initPodIdentity)
    .action(
      run(async (cluster: string | undefined, options: never) =>
        (await import("./commands/init-pod-identity.ts")).initPodIdentity(cluster, options, app),
      ),
    );
  workloadOptions(init.command("workload-identity"))
    .description("an identity on Google Cloud that the pods have by the workload pool of their GKE cluster")
    .addHelpText("after", EXAMPLES.initWorkloadIdentity)
    .action(
      run(async (cluster: string | undefined, options: never) =>
        (await import("./commands/init-workload-identity.ts")).initWorkloadIdentity(cluster, options, app),
      ),
    );
}

function addEncryption(init: Command, app: App, run: Run): void {
  connectionOptions(init.command("encryption"))
    .description(
      "encryption of Secrets in etcd: says what is in force, writes the file that it takes, and prints the steps",
    )
    .addOption(
      new Option(
        "--platform <platform>",
        "whose control plane it is; by default told by the API server's version",
      ).choices(["eks", "gke", "self-managed"]),
    )
    .option("--write-to <dir>", "write the EncryptionConfiguration of a control plane of one's own, with a new key")
    .option("--rotate <file>", "with --write-to: replace the key, or the provider, of this EncryptionConfiguration")
    .option("--provider <provider>", "secretbox, or kms for a KMS v2 plugin", "secretbox")
    .option("--kms-endpoint <url>", "with --provider kms: its socket, as unix:///run/kms.sock")
    .option("--kms-name <name>", "with --provider kms: the name that marks what it has encrypted", "kms")
    .option("--resources <list>", "what is encrypted, Secrets among it", "secrets")
    .option("--key <key>", "on EKS and GKE: ARN or resource name of the key that the cluster is to have")
    .option("--eks-cluster <name>", "name of the EKS cluster, where the kubeconfig does not tell it")
    .option(
      "--gke-cluster <cluster>",
      "PROJECT/LOCATION/NAME of the GKE cluster, where the kubeconfig does not tell it",
    )
    .option("--profile <name>", "AWS profile that the tool itself asks with")
    .option("--region <region>", "AWS region of the cluster")
    .option("--no-cloud", "ask no cloud (also: ANTFLY_CREDS_CLOUD=off)")
    .option("--plaintext-in-git", "allow --write-to to put a key into a Git work tree")
    .option("--dry-run", "write nothing, and show the file without its key")
    .addOption(outputOption("human, json"))
    .addHelpText("after", EXAMPLES.initEncryption)
    .action(
      run(async (options: never) => (await import("./commands/init-encryption.ts")).initEncryption(options, app)),
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

function addHash(program: Command, app: App, run: Run): void {
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
        (await import("./commands/hash.ts")).hash(cluster, options, app),
      ),
    );
}

function addTrustPolicy(program: Command, app: App, run: Run): void {
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
        (await import("./commands/trust-policy.ts")).trustPolicy(cluster, options, app),
      ),
    );
}

function clusterOptions(command: Command): Command {
  return connectionOptions(
    command.option("-n, --namespace <namespace>", "namespace of the AntflyCluster (default: the context's)"),
  );
}

function connectionOptions(command: Command): Command {
  return command
    .option("--context <name>", "context of the kubeconfig")
    .option("--kubeconfig <file>", "kubeconfig file (default: KUBECONFIG, then ~/.kube/config)")
    .option("--timeout <duration>", "deadline of each call to the cluster", "15s");
}

/** Options of every command that runs checks. */
function checkOptions(command: Command): Command {
  return command
    .addOption(outputOption(REPORT_FORMATS))
    .addOption(
      new Option("--fail-on <severity>", "exit 3 on errors, or also 4 on warnings (default: error)").choices([
        "error",
        "warning",
      ]),
    )
    .addOption(list("--only <code>", "run only this check, or all that begin with it, as ANT02 (repeatable)"))
    .addOption(list("--skip <code>", "leave this check out (repeatable)"))
    .addOption(list("--allow-unknown <code>", "accept that this check cannot tell (repeatable)"))
    .option("--config <file>", "configuration file (default: .antfly-creds.yaml here or above, ANTFLY_CREDS_CONFIG)")
    .option("-q, --quiet", "print problems only")
    .option("-v, --verbose", "print every check");
}

function manifestOptions(command: Command): Command {
  return command
    .option("--assume-absent", "a Secret or ConfigMap that is not among the files does not exist")
    .option("--kubernetes-version <version>", "version that the manifests are for, as 1.34 (default: the newest)");
}

function outputOption(formats: string): Option {
  return list("-o, --output <format>", `${formats}; FORMAT=FILE writes to a file (repeatable)`);
}

function list(flags: string, description: string): Option {
  return new Option(flags, description)
    .argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value])
    .default([], "none");
}

const EXAMPLES = {
  program: `
Examples:
  antfly-creds doctor -n production
  antfly-creds init secret my-cluster -n production --provider aws --region us-east-1

Exit codes: 0 nothing wrong, 1 a bug in this tool, 2 wrong usage, 3 a check failed, 4 warnings (--fail-on warning),
5 a required check could not tell, 6 failed and rolled back, 7 stopped in between, 124 --wait ran out, 130 interrupted.`,
  doctor: `
Examples:
  antfly-creds doctor my-cluster -n production
  antfly-creds doctor -n production -o human -o junit=report.xml --fail-on warning`,
  validate: `
Examples:
  antfly-creds validate deploy/ keys.env
  helm template my-release ./chart | antfly-creds validate - -n production`,
  preflight: `
Examples:
  antfly-creds preflight deploy/ -n production -o human -o sarif=preflight.sarif
  kubectl kustomize overlays/production | antfly-creds preflight - --offline`,
  why: `
Examples:
  antfly-creds why pod/my-cluster-data-0 -n production
  kubectl logs my-cluster-data-0 -n production | antfly-creds why --error -`,
  initSecret: `
No value is ever taken from the command line: they come from the prompt, a file, standard input or an AWS profile.

Examples:
  antfly-creds init secret my-cluster -n production --provider aws --region us-east-1
  antfly-creds init secret my-cluster -n production --provider minio --endpoint https://minio.example.com --from-env-file keys.env --yes`,
  initIrsa: `
On generations 1 and 2 of the operator no backup can use a role, and the command says so before it does anything. The
field spec.eks.irsaRoleARN does nothing on any: the ServiceAccount's annotation is what counts.

Examples:
  antfly-creds init irsa my-cluster -n production --bucket acme-backups/search
  antfly-creds init irsa my-cluster -n production --role antfly-backups --write-to identity`,
  initPodIdentity: `
On generations 1 and 2 of the operator no backup can use a role, and the command says so before it does anything.

Examples:
  antfly-creds init pod-identity my-cluster -n production --eks-cluster prod
  antfly-creds init pod-identity my-cluster -n production --identity-only --dry-run`,
  initWorkloadIdentity: `
On generations 1 and 2 of the operator no backup can use such an identity, and the command says so before it does
anything. The tool itself works with Application Default Credentials (gcloud auth application-default login).

Examples:
  antfly-creds init workload-identity my-cluster -n production --bucket gs://acme-backups/search
  antfly-creds init workload-identity my-cluster -n production --direct --write-to identity`,
  initExternalSecret: `
No value passes through this command: it prints how they come into the manager. A Secret that is there already and that
no ExternalSecret wrote is left alone: --secret-name NEW puts another one beside it.

Examples:
  antfly-creds init external-secret my-cluster -n production --from aws-secrets-manager --region us-east-1 --store-service-account eso-reader
  antfly-creds init external-secret my-cluster -n production --cluster-store vault --provider minio --endpoint https://minio.example.com --write-to external-secret`,
  initEncryption: `
It changes nothing on the cluster or in a cloud. The key comes from the system's random source and goes into the file
(mode 0600) alone; who loses it loses all Secrets.

Examples:
  antfly-creds init encryption --write-to encryption
  antfly-creds init encryption --key arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0000-4000-8000-0123456789ab`,
  hash: `
Examples:
  antfly-creds hash my-cluster -n production
  antfly-creds hash -f cluster.yaml -f secret.yaml -o json`,
  trustPolicy: `
Examples:
  antfly-creds trust-policy my-cluster -n production > trust.json
  antfly-creds trust-policy --check trust.json --issuer https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE --subject production/antfly`,
  explain: `
Examples:
  antfly-creds explain ANT0201
  antfly-creds explain k8s.secret-missing`,
  permissions: `
Examples:
  antfly-creds permissions my-cluster -n production | kubectl apply -f -
  antfly-creds permissions -n production --secret backup-credentials --for ANT0201`,
  completion: `
Examples:
  source <(antfly-creds completion bash)
  antfly-creds completion zsh > ~/.zfunc/_antfly-creds`,
} as const;
