import { shell } from "../domain/shell.ts";
import type { RemoteEntry, SecretManager } from "./external-secret-objects.ts";

const FILE = "keys.json";

/** `antfly/production/search of AWS Secrets Manager (us-east-1)`. */
export function entryName(manager: SecretManager | undefined, { key }: RemoteEntry): string {
  if (manager === undefined) return `${key} of the store`;
  switch (manager.kind) {
    case "aws-secrets-manager":
      return `${key} of AWS Secrets Manager (${manager.region})`;
    case "gcp-secret-manager":
      return `${key} of Google Secret Manager (project ${manager.project})`;
    default:
      return `${key} of Vault's ${manager.path}`;
  }
}

/**
 * How the values come into the manager. They stand in a file and never in a command: what is in a command is seen by every
 * process of the machine, and kept by the shell.
 */
export function putEntry(manager: SecretManager | undefined, entry: RemoteEntry): string[] {
  const { key, idProperty, secretProperty } = entry;
  const shape = `{${JSON.stringify(idProperty)}: "AKIA…", ${JSON.stringify(secretProperty)}: "…"}`;
  if (manager === undefined) return [`it is an object like ${shape}`];
  return [
    `write ${shape} into ${FILE}, readable by you alone (umask 077), and:`,
    `  ${putCommand(manager, key)}`,
    `  rm ${FILE}`,
  ];
}

function putCommand(manager: SecretManager, key: string): string {
  const source = `file://${FILE}`;
  switch (manager.kind) {
    case "aws-secrets-manager":
      return shell`aws secretsmanager create-secret --name ${key} --secret-string ${source} --region ${manager.region}`;
    case "gcp-secret-manager":
      return shell`gcloud secrets create ${key} --data-file ${FILE} --replication-policy automatic --project ${manager.project}`;
    default:
      return shell`vault kv put -mount ${manager.path} ${key} ${`@${FILE}`}`;
  }
}

/** How new values come to the same place at a rotation. */
export function changeEntry(manager: SecretManager, key: string): string {
  const source = `file://${FILE}`;
  switch (manager.kind) {
    case "aws-secrets-manager":
      return shell`aws secretsmanager put-secret-value --secret-id ${key} --secret-string ${source} --region ${manager.region}`;
    case "gcp-secret-manager":
      return shell`gcloud secrets versions add ${key} --data-file ${FILE} --project ${manager.project}`;
    default:
      return shell`vault kv put -mount ${manager.path} ${key} ${`@${FILE}`}`;
  }
}
