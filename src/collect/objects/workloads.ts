import * as z from "zod/mini";

import type { GroupName } from "../../domain/facts.ts";
import type { ContainerVariable, PodFacts, RevisionFacts, StatefulSetFacts } from "../../domain/workload-facts.ts";
import { envFromList, metadata, once, strings, text, toSources } from "./schemas.ts";

const HASH = "antfly.io/envfrom-hash";
const CONFIG_HASH = "antfly.io/config-hash";
const RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";
const MAIN_CONTAINER = "antfly";

const keyRef = z.nullish(z.object({ name: z.nullish(text), key: z.nullish(text) }));
const variables = z.nullish(
  z.array(
    z.object({
      name: text,
      value: z.nullish(text),
      valueFrom: z.nullish(z.object({ secretKeyRef: keyRef, configMapKeyRef: keyRef })),
    }),
  ),
);
const mounts = z.nullish(z.array(z.object({ name: text, mountPath: text })));
const container = z.object({ name: text, env: variables, envFrom: envFromList, volumeMounts: mounts });
const volumes = z.nullish(
  z.array(
    z.object({
      name: text,
      projected: z.nullish(
        z.object({
          sources: z.nullish(
            z.array(z.object({ serviceAccountToken: z.nullish(z.object({ audience: z.nullish(text) })) })),
          ),
        }),
      ),
    }),
  ),
);
type Container = z.infer<typeof container>;

const statefulSetObject = once(() =>
  z.object({
    metadata,
    spec: z.object({
      replicas: z.nullish(z.number()),
      updateStrategy: z.nullish(
        z.object({ type: z.nullish(text), rollingUpdate: z.nullish(z.object({ partition: z.nullish(z.number()) })) }),
      ),
      template: z.object({
        metadata: z.nullish(z.object({ annotations: strings })),
        spec: z.object({ serviceAccountName: z.nullish(text), containers: z.array(container) }),
      }),
    }),
    status: z.nullish(
      z.object({
        observedGeneration: z.nullish(z.number()),
        readyReplicas: z.nullish(z.number()),
        updatedReplicas: z.nullish(z.number()),
        currentRevision: z.nullish(text),
        updateRevision: z.nullish(text),
      }),
    ),
  }),
);

const revisionObject = once(() =>
  z.object({
    metadata,
    revision: z.number(),
    data: z.nullish(
      z.object({
        spec: z.nullish(
          z.object({ template: z.nullish(z.object({ metadata: z.nullish(z.object({ annotations: strings })) })) }),
        ),
      }),
    ),
  }),
);

const podSpec = z.object({
  serviceAccountName: z.nullish(text),
  nodeName: z.nullish(text),
  hostNetwork: z.nullish(z.boolean()),
  containers: z.array(container),
  volumes,
  securityContext: z.nullish(z.object({ fsGroup: z.nullish(z.number()), runAsNonRoot: z.nullish(z.boolean()) })),
});

const podObject = once(() =>
  z.object({
    metadata,
    spec: podSpec,
    status: z.nullish(
      z.object({
        conditions: z.nullish(z.array(z.object({ type: text, status: text }))),
        containerStatuses: z.nullish(
          z.array(
            z.object({
              name: text,
              ready: z.nullish(z.boolean()),
              state: z.nullish(
                z.object({
                  running: z.nullish(z.object({ startedAt: z.nullish(text) })),
                  waiting: z.nullish(z.object({ reason: z.nullish(text), message: z.nullish(text) })),
                }),
              ),
            }),
          ),
        ),
      }),
    ),
  }),
);

export function parseStatefulSet(object: unknown): StatefulSetFacts {
  const { metadata: meta, spec, status } = z.parse(statefulSetObject(), object);
  const annotations = spec.template.metadata?.annotations ?? {};
  return {
    name: meta.name,
    envFromHash: annotations[HASH],
    configHash: annotations[CONFIG_HASH],
    restartedAt: annotations[RESTARTED_AT],
    serviceAccount: spec.template.spec.serviceAccountName ?? "default",
    envFrom: toSources(mainOf(spec.template.spec.containers)?.envFrom),
    replicas: spec.replicas ?? 1,
    readyReplicas: status?.readyReplicas ?? 0,
    updatedReplicas: status?.updatedReplicas ?? 0,
    settled: (status?.observedGeneration ?? 0) >= (meta.generation ?? 0),
    revisions: { current: status?.currentRevision ?? "", update: status?.updateRevision ?? "" },
    onDelete: spec.updateStrategy?.type === "OnDelete",
    partition: spec.updateStrategy?.rollingUpdate?.partition ?? 0,
  };
}

/** Undefined when it is of no StatefulSet. Of the template in it only the annotation is looked at. */
export function parseRevision(object: unknown): RevisionFacts | undefined {
  const { metadata: meta, revision, data } = z.parse(revisionObject(), object);
  const owner = meta.ownerReferences?.find(({ kind }) => kind === "StatefulSet");
  if (owner === undefined) return undefined;
  return {
    name: meta.name,
    statefulSet: owner.name,
    revision,
    createdAt: meta.creationTimestamp ?? "",
    restartedAt: data?.spec?.template?.metadata?.annotations?.[RESTARTED_AT],
  };
}

/** Label selector of a cluster's pods, and of what their template leaves behind. */
export function podsOf(cluster: string): string {
  return `app.kubernetes.io/name=antfly-database,app.kubernetes.io/instance=${cluster}`;
}

/** Undefined when the labels say that it is no pod of a node group of this cluster. */
export function parsePod(
  object: unknown,
  cluster: string,
  classify: (name: string, value: string) => ContainerVariable["facts"],
): PodFacts | undefined {
  const { metadata: meta, spec, status } = z.parse(podObject(), object);
  const labels = meta.labels ?? {};
  const group = labels["app.kubernetes.io/component"];
  if (labels["app.kubernetes.io/instance"] !== cluster || !isGroupName(group)) return undefined;
  const main = mainOf(spec.containers);
  const { state, ready } = status?.containerStatuses?.find((one) => one.name === MAIN_CONTAINER) ?? {};
  return {
    name: meta.name,
    group,
    createdAt: meta.creationTimestamp ?? "",
    envFromHash: meta.annotations?.[HASH],
    restartedAt: meta.annotations?.[RESTARTED_AT],
    revision: labels["controller-revision-hash"] ?? "",
    serviceAccount: spec.serviceAccountName ?? "default",
    node: spec.nodeName ?? undefined,
    envFrom: toSources(main?.envFrom),
    env: variablesOf(main, classify),
    // Of a node that is not heard of any more the pods' condition changes, and the containers' status stays as it was.
    ready:
      (ready ?? false) && !(status?.conditions ?? []).some((one) => one.type === "Ready" && one.status === "False"),
    startedAt: state?.running?.startedAt ?? undefined,
    waiting: state?.waiting ? { reason: state.waiting.reason ?? "", message: state.waiting.message ?? "" } : undefined,
    terminating: Boolean(meta.deletionTimestamp),
    identity: {
      variables: plainVariables(main),
      tokens: tokensOf(main, spec.volumes),
      marks: Object.fromEntries(
        Object.entries({ ...labels, ...meta.annotations }).filter(([key]) =>
          /^(eks\.amazonaws\.com|iam\.gke\.io)\//.test(key),
        ),
      ),
      fsGroup: spec.securityContext?.fsGroup ?? undefined,
      runAsNonRoot: spec.securityContext?.runAsNonRoot ?? false,
      hostNetwork: spec.hostNetwork ?? false,
      awsFolderMounted: (main?.volumeMounts ?? []).some(({ mountPath }) => /\/\.aws\/?$/.test(mountPath)),
    },
  };
}

function mainOf(containers: readonly Container[]): Container | undefined {
  return containers.find((one) => one.name === MAIN_CONTAINER);
}

/** Explicit variables: the operator writes none, so they were injected, or put there by hand. */
function variablesOf(
  main: Container | undefined,
  classify: (name: string, value: string) => ContainerVariable["facts"],
): ContainerVariable[] {
  return (main?.env ?? []).map(({ name, value, valueFrom }) => {
    const ref = valueFrom?.secretKeyRef ?? valueFrom?.configMapKeyRef;
    const kind = valueFrom?.secretKeyRef ? "Secret" : "ConfigMap";
    return {
      name,
      facts: valueFrom ? undefined : classify(name, value ?? ""),
      from: ref?.name && ref.key ? { kind, name: ref.name, key: ref.key } : undefined,
    };
  });
}

/** Explicit variables that say which identity to use, and are no secrets. */
const IDENTITY_VARIABLES = new Set([
  "AWS_ROLE_ARN",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_STS_REGIONAL_ENDPOINTS",
  "AWS_PROFILE",
  "NO_PROXY",
  "no_proxy",
]);

function plainVariables(main: Container | undefined): Record<string, string> {
  const plain = (main?.env ?? []).filter(({ name, valueFrom }) => IDENTITY_VARIABLES.has(name) && !valueFrom);
  return Object.fromEntries(plain.map(({ name, value }) => [name, value ?? ""]));
}

function tokensOf(
  main: Container | undefined,
  all: z.infer<typeof volumes>,
): { volume: string; audience: string; mountPath: string }[] {
  return (main?.volumeMounts ?? []).flatMap(({ name, mountPath }) =>
    (all?.find((volume) => volume.name === name)?.projected?.sources ?? []).flatMap(({ serviceAccountToken }) =>
      serviceAccountToken ? [{ volume: name, audience: serviceAccountToken.audience ?? "", mountPath }] : [],
    ),
  );
}

function isGroupName(value: string | undefined): value is GroupName {
  return value === "metadata" || value === "data" || value === "swarm" || value === "standalone";
}
