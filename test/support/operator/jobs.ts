import type { StandInGeneration } from "../crds/crds.ts";
import type { AnyObject } from "../follow.ts";
import { ownerReference } from "./template.ts";

/** The CronJob of a backup: its pods know the credentialsSecret alone, and no ServiceAccount. */
export function backupCronJob(generation: StandInGeneration, backup: AnyObject, image: string): AnyObject {
  const { name, namespace } = backup.metadata;
  const { destination, schedule, suspend } = backup.spec;
  const labels = { "app.kubernetes.io/name": "antfly-backup", "antfly.io/backup": name };
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: `${name}-backup`, namespace, ownerReferences: [ownerReference(backup)] },
    spec: {
      schedule,
      suspend: suspend ?? false,
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: 10800,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: {
        ...(generation === 3 ? { metadata: { labels } } : {}),
        spec: {
          backoffLimit: 3,
          template: {
            metadata: { labels },
            spec: {
              restartPolicy: "OnFailure",
              containers: [
                { name: "backup", image, ...backupCommand(generation, backup), envFrom: credentials(destination) },
              ],
            },
          },
        },
      },
    },
  };
}

/** Until generation 3 the URL is an argument, which the later ones of its images do not read. */
function backupCommand(generation: StandInGeneration, backup: AnyObject): AnyObject {
  const { location, connection } = backup.spec.destination;
  if (generation !== 3)
    return {
      command: ["/bin/sh", "-c", `/antfly backup --url '${publicApi(backup)}' --location '${location}'`],
    };
  const id = `'${backup.metadata.name}'-$(date +%Y%m%d%H%M%S)`;
  return {
    command: ["/bin/sh", "-c"],
    args: [`/antfly backup --backup-id ${id} --location '${location}' --connection '${connection}'`],
    env: [{ name: "ANTFLY_URL", value: publicApi(backup) }],
  };
}

export function restoreJob(generation: StandInGeneration, restore: AnyObject, image: string): AnyObject {
  const { name, namespace } = restore.metadata;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: `${name}-restore`, namespace, ownerReferences: [ownerReference(restore)] },
    spec: {
      backoffLimit: 3,
      template: {
        metadata: { labels: { "app.kubernetes.io/name": "antfly-restore", "antfly.io/restore": name } },
        spec: {
          restartPolicy: "OnFailure",
          containers: [
            {
              name: "restore",
              image,
              ...restoreCommand(generation, restore),
              envFrom: credentials(restore.spec.source),
            },
          ],
        },
      },
    },
  };
}

function restoreCommand(generation: StandInGeneration, restore: AnyObject): AnyObject {
  if (generation === 1) return { command: ["/antfly", "cli", "restore"] };
  if (generation === 2) return { command: ["/antfly", "restore"] };
  const { backupId, location, connection } = restore.spec.source;
  return {
    command: ["/antfly"],
    args: ["restore", "--backup-id", backupId, "--location", location, "--connection", connection],
    env: [{ name: "ANTFLY_URL", value: publicApi(restore) }],
  };
}

function publicApi({ metadata, spec }: AnyObject): string {
  const { name, namespace = metadata.namespace } = spec.clusterRef;
  return `http://${name}-public-api.${namespace}.svc.cluster.local`;
}

function credentials(place: AnyObject): AnyObject[] {
  const name = place.credentialsSecret?.name;
  return name ? [{ secretRef: { name } }] : [];
}
