import type { EncryptionStep } from "../domain/encryption-step.ts";
import type { GkeName } from "../domain/google-facts.ts";
import { shell } from "../domain/shell.ts";

export interface EksEncryption {
  /** Undefined: not known, `CLUSTER` stands for it. */
  readonly cluster: string | undefined;
  /** ARN or alias of the KMS key that it is to have. */
  readonly key: string | undefined;
  /** `--region` and `--profile`. */
  readonly awsFlags: readonly string[];
  readonly flags: readonly string[];
  /** RFC 3339: marks what was written anew. */
  readonly now: string;
}

/**
 * A KMS key for an EKS cluster (EKS, "Encrypt Kubernetes secrets with KMS on existing clusters"). From 1.28 on EKS encrypts
 * without one too.
 */
export function eksSteps({ cluster = "CLUSTER", key, awsFlags, flags, now }: EksEncryption): EncryptionStep[] {
  const config = JSON.stringify([{ resources: ["secrets"], provider: { keyArn: key ?? "KEY_ARN" } }]);
  return [
    ...(key === undefined
      ? [
          {
            what: "Make a symmetric key in the region of the cluster; what follows comes filled in when this command gets it as --key ARN.",
            commands: [
              shell`aws kms create-key --description ${`Secrets of EKS cluster ${cluster}`} --query KeyMetadata.Arn --output text ${awsFlags}`,
            ],
          },
        ]
      : []),
    {
      what: "Give it to the cluster. This cannot be taken back, and a key that is disabled or deleted takes the cluster with it. Whoever does it needs kms:DescribeKey and kms:CreateGrant on the key, and eks:AssociateEncryptionConfig.",
      commands: [
        shell`aws eks associate-encryption-config --cluster-name ${cluster} --encryption-config ${config} ${awsFlags}`,
      ],
    },
    {
      what: "Wait until the cluster has it: the answer names the key.",
      commands: [
        shell`aws eks wait cluster-active --name ${cluster} ${awsFlags}`,
        shell`aws eks describe-cluster --name ${cluster} --query cluster.encryptionConfig ${awsFlags}`,
      ],
    },
    {
      what: "Write all Secrets anew: what was there before stays as it is until then.",
      commands: [
        shell`kubectl get secrets --all-namespaces ${flags} -o json | kubectl annotate ${flags} --overwrite -f - ${`kms-encryption-timestamp=${now}`}`,
      ],
    },
  ];
}

export interface GkeEncryption {
  readonly cluster: GkeName | undefined;
  /** Number of the project, where it is known. */
  readonly projectNumber: string | undefined;
  /** `projects/P/locations/L/keyRings/R/cryptoKeys/K`. */
  readonly key: string | undefined;
}

/** A key of Cloud KMS for a GKE cluster (GKE, "Encrypt secrets at the application layer"). */
export function gkeSteps({ cluster, projectNumber, key }: GkeEncryption): EncryptionStep[] {
  const { project, location, name } = cluster ?? { project: "PROJECT", location: "LOCATION", name: "CLUSTER" };
  // A key is in a region, and a cluster may be in a zone of one.
  const region = location.replace(/-[a-z]$/, "");
  const full = key ?? `projects/${project}/locations/${region}/keyRings/antfly/cryptoKeys/secrets`;
  const agent = `serviceAccount:service-${projectNumber ?? "PROJECT_NUMBER"}@container-engine-robot.iam.gserviceaccount.com`;
  const at = ["--location", location, "--project", project];
  return [
    ...(key === undefined
      ? [
          {
            what: "Make a key in the region of the cluster, unless there is one for it (then --key projects/…/cryptoKeys/NAME).",
            commands: [
              shell`gcloud services enable cloudkms.googleapis.com --project ${project}`,
              shell`gcloud kms keyrings create antfly --location ${region} --project ${project}`,
              shell`gcloud kms keys create secrets --keyring antfly --location ${region} --purpose encryption --project ${project}`,
            ],
          },
        ]
      : []),
    {
      what: "Let GKE use it.",
      commands: [
        ...(projectNumber === undefined
          ? [shell`gcloud projects describe ${project} --format ${"value(projectNumber)"}`]
          : []),
        shell`gcloud kms keys add-iam-policy-binding ${full} --member ${agent} --role roles/cloudkms.cryptoKeyEncrypterDecrypter --project ${full.split("/")[1] ?? project}`,
      ],
    },
    {
      what: "Give it to the cluster. GKE writes all Secrets anew by itself; an admission webhook that refuses that makes it fail. A version of the key that is disabled or destroyed takes the Secrets with it.",
      commands: [shell`gcloud container clusters update ${name} ${at} --database-encryption-key ${full}`],
    },
    {
      what: "See that it is so: state=ENCRYPTED, and where there is a currentState, CURRENT_STATE_ENCRYPTED.",
      commands: [shell`gcloud container clusters describe ${name} ${at} --format ${"value(databaseEncryption)"}`],
    },
  ];
}
