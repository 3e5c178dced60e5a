import { shell } from "../domain/shell.ts";
import type { RemoteEntry, EntryPlace } from "./external-secret-objects.ts";

const FILE = "keys.json";

/** `entry antfly/production/search of AWS Secrets Manager (us-east-1)`. */
export function entryName(place: EntryPlace | undefined, { key }: RemoteEntry): string {
  if (place === undefined) return `entry ${key} of the store`;
  switch (place.kind) {
    case "aws-secrets-manager":
      return `entry ${key} of AWS Secrets Manager (${place.region})`;
    case "gcp-secret-manager":
      return `entry ${key} of Google Secret Manager (project ${place.project})`;
    default:
      return `entry ${key} of Vault's ${place.path}`;
  }
}

/**
 * How the values come into the manager. They stand in a file and never in a command: what is in a command is seen by every
 * process of the machine, and kept by the shell.
 */
export function putEntry(place: EntryPlace | undefined, entry: RemoteEntry): string[] {
  const { key, idProperty, secretProperty } = entry;
  const shape = `{${JSON.stringify(idProperty)}: "AKIA…", ${JSON.stringify(secretProperty)}: "…"}`;
  if (place === undefined) return [`it is an object like ${shape}`];
  return [
    `write ${shape} into ${FILE}, readable by you alone (umask 077), and:`,
    `  ${putCommand(place, key)}`,
    `  rm ${FILE}`,
  ];
}

function putCommand(place: EntryPlace, key: string): string {
  const source = `file://${FILE}`;
  switch (place.kind) {
    case "aws-secrets-manager":
      return shell`aws secretsmanager create-secret --name ${key} --secret-string ${source} --region ${place.region}`;
    case "gcp-secret-manager":
      return shell`gcloud secrets create ${key} --data-file ${FILE} --replication-policy automatic --project ${place.project}`;
    default:
      return shell`vault kv put -mount ${place.path} ${key} ${`@${FILE}`}`;
  }
}

/** How new values come to the same place at a rotation. */
export function changeEntry(place: EntryPlace, key: string): string {
  const source = `file://${FILE}`;
  switch (place.kind) {
    case "aws-secrets-manager":
      return shell`aws secretsmanager put-secret-value --secret-id ${key} --secret-string ${source} --region ${place.region}`;
    case "gcp-secret-manager":
      return shell`gcloud secrets versions add ${key} --data-file ${FILE} --project ${place.project}`;
    default:
      return shell`vault kv put -mount ${place.path} ${key} ${`@${FILE}`}`;
  }
}
