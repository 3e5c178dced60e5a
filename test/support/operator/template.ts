import type { StandInGeneration } from "../crds/crds.ts";
import type { AnyObject } from "../follow.ts";

export interface Group {
  readonly name: "metadata" | "data" | "swarm";
  readonly spec: AnyObject;
  readonly replicas: number;
}

export function groupsOf(cluster: AnyObject): Group[] {
  const { spec } = cluster;
  if (spec.mode === "Swarm") return [{ name: "swarm", spec: spec.swarm, replicas: 1 }];
  return [
    { name: "metadata", spec: spec.metadataNodes, replicas: spec.metadataNodes?.replicas ?? 0 },
    { name: "data", spec: spec.dataNodes, replicas: spec.dataNodes?.replicas || 3 },
  ];
}

export function labelsOf(cluster: AnyObject, group: Group["name"]): Record<string, string> {
  return {
    "app.kubernetes.io/name": "antfly-database",
    "app.kubernetes.io/component": group,
    "app.kubernetes.io/instance": cluster.metadata.name,
  };
}

/** The StatefulSet of a node group, as it is written anew at every reconcile. */
export function statefulSet(generation: StandInGeneration, cluster: AnyObject, group: Group, hash: string): AnyObject {
  const { name, namespace } = cluster.metadata;
  const full = `${name}-${group.name}`;
  const selector = labelsOf(cluster, group.name);
  const extra = generation === 1 ? {} : ownLabels(cluster);
  const storage = `${group.name}-storage`;
  const command = generation === 1 || group.name === "metadata" ? "store" : "data";
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: full, namespace, labels: selector, ownerReferences: [ownerReference(cluster)] },
    spec: {
      serviceName: full,
      replicas: group.replicas,
      podManagementPolicy: "Parallel",
      selector: { matchLabels: selector },
      template: {
        metadata: {
          labels: { ...extra, ...selector, "app.kubernetes.io/managed-by": "antfly-operator" },
          ...(hash === "" ? {} : { annotations: { "antfly.io/envfrom-hash": hash } }),
        },
        spec: {
          ...(cluster.spec.serviceAccountName === undefined
            ? {}
            : { serviceAccountName: cluster.spec.serviceAccountName }),
          ...(generation === 1 ? {} : { securityContext: { fsGroup: 10001, fsGroupChangePolicy: "OnRootMismatch" } }),
          initContainers: [{ name: "wait-for-storage", image: "busybox:1.36", command: ["sh", "-c", "true"] }],
          containers: [
            {
              name: "antfly",
              image: cluster.spec.image,
              command: ["/antfly", command],
              envFrom: group.spec?.envFrom ?? [],
              volumeMounts: [{ name: storage, mountPath: "/antflydb" }],
            },
          ],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: storage },
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
        },
      ],
    },
  };
}

/** Generation 2 copies the AntflyCluster's own labels to the pods, so that changing one rolls them. */
function ownLabels(cluster: AnyObject): Record<string, string> {
  const entries = Object.entries<string>(cluster.metadata.labels ?? {});
  return Object.fromEntries(entries.filter(([key]) => !key.startsWith("app.kubernetes.io/")));
}

export function ownerReference(owner: AnyObject): AnyObject {
  const { name, uid } = owner.metadata;
  return { apiVersion: "antfly.io/v1", kind: owner.kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** The CronJob of a backup: its pods know the credentialsSecret alone, and no ServiceAccount. */
export function backupCronJob(backup: AnyObject, image: string): AnyObject {
  const { name, namespace } = backup.metadata;
  const { clusterRef, destination, schedule, suspend } = backup.spec;
  const url = `http://${clusterRef.name}-public-api.${clusterRef.namespace ?? namespace}.svc.cluster.local`;
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: `${name}-backup`, namespace, ownerReferences: [ownerReference(backup)] },
    spec: {
      schedule,
      suspend: suspend ?? false,
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: 10800,
      ...{
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 1,
      },
      jobTemplate: {
        spec: {
          backoffLimit: 3,
          template: {
            metadata: {
              labels: {
                "app.kubernetes.io/name": "antfly-backup",
                "antfly.io/backup": name,
              },
            },
            spec: {
              restartPolicy: "OnFailure",
              containers: [
                {
                  name: "backup",
                  image,
                  command: ["/bin/sh", "-c", `/antfly backup --url '${url}' --location '${destination.location}'`],
                  envFrom: credentials(destination),
                },
              ],
            },
          },
        },
      },
    },
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
              command: generation === 1 ? ["/antfly", "cli", "restore"] : ["/antfly", "restore"],
              envFrom: credentials(restore.spec.source),
            },
          ],
        },
      },
    },
  };
}

function credentials(place: AnyObject): AnyObject[] {
  const name = place.credentialsSecret?.name;
  return name ? [{ secretRef: { name } }] : [];
}
