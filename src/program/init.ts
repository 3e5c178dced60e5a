import { Option, type Command } from "commander";

import type { App } from "../ports.ts";
import { EXAMPLES } from "./examples.ts";
import { clusterOptions, connectionOptions, outputOption, REPORT_FORMATS, type Run } from "./options.ts";
import { addIdentity } from "./init-identity.ts";

export function addInit(program: Command, app: App, run: Run): void {
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
    .option(
      "--create-hmac <account>",
      "make an HMAC key of Google Cloud Storage for this Google service account (its email), with a role on the buckets",
    )
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
        (await import("../commands/init-secret.ts")).initSecret(cluster, options, app),
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
        (await import("../commands/init-external-secret.ts")).initExternalSecret(cluster, options, app),
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
      run(async (options: never) => (await import("../commands/init-encryption.ts")).initEncryption(options, app)),
    );
}
