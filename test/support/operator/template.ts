import { createHash } from "node:crypto";

import type { StandInGeneration } from "../crds/crds.ts";
import type { AnyObject } from "../follow.ts";

export interface Group {
  readonly name: "metadata" | "data" | "swarm" | "standalone";
  readonly spec: AnyObject;
  readonly replicas: number;
}

export function groupsOf(cluster: AnyObject): Group[] {
  const { spec } = cluster;
  if (spec.mode === "Swarm") return [{ name: "swarm", spec: spec.swarm, replicas: 1 }];
  if (spec.mode === "Standalone") return [{ name: "standalone", spec: spec.standalone, replicas: 1 }];
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
  const annotations = {
    ...(hash === "" ? {} : { "antfly.io/envfrom-hash": hash }),
    ...(generation === 3 ? laterAnnotations(cluster) : {}),
  };
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
          ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
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
              ...(generation === 3 ? { env: internalServiceEnvironment(cluster) } : {}),
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

const ROLLOUT_ANNOTATION = "cloud.antfly.io/compatibility-rollout-generation";

/** What generation 3 writes on the pods besides the hash of `envFrom`. */
function laterAnnotations(cluster: AnyObject): Record<string, string> {
  const config = createHash("sha256").update(cluster.spec.config).digest("hex").slice(0, 16);
  const rollout = cluster.metadata.annotations?.[ROLLOUT_ANNOTATION];
  return {
    "antfly.io/config-hash": config,
    ...(rollout ? { [ROLLOUT_ANNOTATION]: rollout } : {}),
    ...(cluster.spec.internalServiceAuth === undefined
      ? {}
      : { "antfly.io/internal-service-auth-rollout-mode": "enforce" }),
  };
}

/** The key by which the nodes of generation 3 know each other; the operator names it and does not read it. */
function internalServiceEnvironment(cluster: AnyObject): AnyObject[] {
  const key = cluster.spec.internalServiceAuth?.secretKeyRef;
  if (key === undefined) return [];
  return [
    { name: "ANTFLY_INTERNAL_SERVICE_SECRET", valueFrom: { secretKeyRef: { ...key, optional: false } } },
    { name: "ANTFLY_INTERNAL_SERVICE_ISSUER", value: `antfly-cluster:${cluster.metadata.uid}` },
    { name: "ANTFLY_INTERNAL_SERVICE_ROLLOUT_MODE", value: "enforce" },
  ];
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
