import type { StandInGeneration } from "../crds/crds.ts";
import type { AnyObject } from "../follow.ts";
import { backupCronJob, restoreJob } from "./jobs.ts";
import type { OperatorObjects } from "./objects.ts";
import { withLatest, type Condition } from "./status.ts";

const BATCH = "/apis/batch/v1";

export async function reconcileBackup(
  generation: StandInGeneration,
  objects: OperatorObjects,
  backup: AnyObject,
): Promise<void> {
  const { namespace, name } = backup.metadata;
  const say = (phase: string, condition: Condition, more: AnyObject = {}): Promise<void> => {
    const conditions = withLatest(backup.status?.conditions ?? [], condition);
    return objects.writeStatus(backup, { ...backup.status, conditions, ...more, phase });
  };
  const refused = generation === 3 ? placeRefused("spec.destination", backup.spec.destination) : undefined;
  if (refused !== undefined) {
    const message = `AntflyBackup validation failed:\n  - ${refused}`;
    return say("Failed", { type: "ScheduleReady", status: "False", reason: "ValidationFailed", message });
  }
  if (generation === 3 && !backup.spec.destination.connection) {
    await suspend(objects, namespace, `${name}-backup`);
    const message =
      "A named external_io connection with backup.write is required. The existing schedule is suspended until spec.destination.connection is configured.";
    return say("Pending", { type: "ScheduleReady", status: "False", reason: "ConnectionRequired", message });
  }
  const { clusterRef } = backup.spec;
  const cluster = await objects.findAntfly("AntflyCluster", clusterRef.namespace ?? namespace, clusterRef.name);
  if (cluster === undefined) {
    const message = `cluster ${clusterRef.name} not found`;
    return say("Pending", { type: "ClusterReady", status: "False", reason: "ClusterNotFound", message });
  }
  const cronJob = backupCronJob(generation, backup, cluster.spec.image);
  await objects.ensure(BATCH, "cronjobs", cronJob);
  const runs = generation === 3 ? await lastRuns(objects, backup) : { status: {} };
  const before = backup.status?.conditions ?? [];
  const conditions = runs.healthy === undefined ? before : withLatest(before, runs.healthy);
  return objects.writeStatus(backup, {
    ...backup.status,
    ...runs.status,
    conditions: withLatest(conditions, {
      type: "ScheduleReady",
      status: "True",
      reason: "CronJobCreated",
      message: "CronJob created",
    }),
    phase: backup.spec.suspend === true ? "Suspended" : "Active",
    cronJobName: cronJob.metadata.name,
  });
}

export async function reconcileRestore(
  generation: StandInGeneration,
  objects: OperatorObjects,
  restore: AnyObject,
): Promise<void> {
  const { namespace } = restore.metadata;
  const say = (phase: string, condition: Condition, more: AnyObject = {}): Promise<void> => {
    const conditions = withLatest(restore.status?.conditions ?? [], condition);
    return objects.writeStatus(restore, { ...restore.status, conditions, ...more, phase });
  };
  const refused = generation === 3 ? placeRefused("spec.source", restore.spec.source) : undefined;
  if (refused !== undefined) {
    const message = `AntflyRestore validation failed:\n  - ${refused}`;
    return say("Failed", { type: "JobReady", status: "False", reason: "ValidationFailed", message }, { message });
  }
  if (generation === 3 && !restore.spec.source.connection) {
    const message =
      "A named external_io connection with restore.read is required. No restore Job was created; set spec.source.connection to continue.";
    const reason = "RestoreConnectionRequired";
    return say("Pending", { type: "JobReady", status: "False", reason, message }, { message });
  }
  const cluster = await objects.findAntfly("AntflyCluster", namespace, restore.spec.clusterRef.name);
  if (cluster === undefined) return objects.writeStatus(restore, { ...restore.status, phase: "Pending" });
  await objects.ensure(BATCH, "jobs", restoreJob(generation, restore, cluster.spec.image));
  return say("Running", { type: "JobReady", status: "True", reason: "JobCreated", message: "Job created" });
}

/** What generation 3 refuses of a destination or a source. */
function placeRefused(field: string, { connection, credentialsSecret, location }: AnyObject): string | undefined {
  if (!connection) return undefined;
  if (credentialsSecret !== undefined)
    return `${field}.connection and ${field}.credentialsSecret are mutually exclusive`;
  return location.startsWith("s3://") ? undefined : `${field}.connection requires an s3:// location`;
}

/** The CronJob and its history stay. */
async function suspend(objects: OperatorObjects, namespace: string, name: string): Promise<void> {
  const path = `${BATCH}/namespaces/${namespace}/cronjobs/${name}`;
  const cronJob = await objects.find(path);
  if (cronJob !== undefined && cronJob.spec.suspend !== true) await objects.change(path, { spec: { suspend: true } });
}

/** The newest Jobs of a backup that have ended, as generation 3 records them. */
async function lastRuns(
  objects: OperatorObjects,
  backup: AnyObject,
): Promise<{ status: AnyObject; healthy?: Condition }> {
  const { namespace, name } = backup.metadata;
  const { items } = (await objects.find(`${BATCH}/namespaces/${namespace}/jobs`)) ?? { items: [] };
  const ended = items
    .filter((job: AnyObject) => job.metadata.labels?.["antfly.io/backup"] === name && endOf(job) !== undefined)
    .sort((a: AnyObject, b: AnyObject) => Date.parse(endOf(b).at) - Date.parse(endOf(a).at));
  const newest = (failed: boolean): AnyObject | undefined =>
    ended.find((job: AnyObject) => endOf(job).failed === failed);
  const record = (job: AnyObject, status: string): AnyObject => ({
    backupId: job.metadata.name,
    startTime: job.status.startTime ?? job.metadata.creationTimestamp,
    completionTime: endOf(job).at,
    status,
  });
  const succeeded = newest(false);
  const failed = newest(true);
  const status = {
    ...(succeeded === undefined ? {} : { lastSuccessfulBackup: record(succeeded, "Completed") }),
    ...(failed === undefined
      ? {}
      : { lastFailedBackup: { ...record(failed, "Failed"), error: endOf(failed).message } }),
    ...(ended.length === 0 ? {} : { lastScheduledTime: endOf(ended[0]).at }),
  };
  if (ended.length === 0) return { status };
  const { failed: latestFailed, message } = endOf(ended[0]);
  const job = `Latest backup job "${ended[0].metadata.name}"`;
  const healthy: Condition = latestFailed
    ? { type: "BackupRunHealthy", status: "False", reason: "BackupJobFailed", message: `${job} failed: ${message}` }
    : {
        type: "BackupRunHealthy",
        status: "True",
        reason: "BackupJobSucceeded",
        message: `${job} completed successfully`,
      };
  return { status, healthy };
}

function endOf(job: AnyObject): AnyObject {
  const end = job.status?.conditions?.find(
    ({ type, status }: AnyObject) => ["Complete", "Failed", "FailureTarget"].includes(type) && status === "True",
  );
  if (end === undefined) return undefined;
  const at = job.status.completionTime ?? end.lastTransitionTime ?? job.metadata.creationTimestamp;
  return { failed: end.type !== "Complete", at, message: end.message || end.reason || "job failed" };
}
