import type { ClusterFacts } from "./facts.ts";
import type { PodFacts } from "./workload-facts.ts";
import { command, edit, type Fix, type Ref } from "./finding.ts";

/** Says what to change in an AntflyCluster, and opens it. */
export function editCluster(cluster: ClusterFacts, what: string): Fix[] {
  return [edit(what), command`kubectl edit antflycluster ${cluster.name} -n ${cluster.namespace}`];
}

/** Any change of the AntflyCluster makes the operator look again. */
export function touchCluster({ namespace, name }: Pick<ClusterFacts, "namespace" | "name">): Fix {
  return command`kubectl annotate antflycluster ${name} -n ${namespace} --overwrite antfly-creds/touched="$(date +%s)"`;
}

/** Writes credential keys anew into what holds them now. A ConfigMap or a file is no place for them, and is edited by hand. */
export function writeKeys(cluster: ClusterFacts | undefined, source: Ref | undefined, namespace?: string): Fix {
  const place = cluster?.namespace ?? source?.namespace ?? namespace ?? "default";
  if (source?.kind === "File") return edit(`write the value anew in ${source.name}`);
  if (source?.kind === "ConfigMap") return command`kubectl edit configmap ${source.name} -n ${place}`;
  const into = source === undefined ? [] : ["--secret-name", source.name];
  return command`antfly-creds init secret ${cluster?.name ?? []} -n ${place} ${into} --overwrite`;
}

/** Sets IRSA up as far as it is missing, with this role. */
export function initIrsa({ namespace, name }: Pick<ClusterFacts, "namespace" | "name">, role: string | undefined): Fix {
  return command`antfly-creds init irsa ${name} -n ${namespace} ${role === undefined ? [] : ["--role", role]}`;
}

/** Sets EKS Pod Identity up as far as it is missing; with the role of the association that is there. */
export function initPodIdentity({ namespace, name }: Pick<ClusterFacts, "namespace" | "name">, eks: string): Fix {
  return command`antfly-creds init pod-identity ${name} -n ${namespace} --eks-cluster ${eks}`;
}

/** Sets Workload Identity of GKE up as far as it is missing. */
export function initWorkloadIdentity({ namespace, name }: Pick<ClusterFacts, "namespace" | "name">): Fix {
  return command`antfly-creds init workload-identity ${name} -n ${namespace}`;
}

/** How findings name an AntflyCluster. */
export function refOfCluster({ namespace, name }: Pick<ClusterFacts, "namespace" | "name">): Ref {
  return { kind: "AntflyCluster", namespace, name };
}

/** Pods are made anew one at a time, and no database loses its quorum: metadata nodes before data nodes. */
export function replaceOneByOne({ namespace }: Pick<ClusterFacts, "namespace">, pods: readonly PodFacts[]): Fix[] {
  const order = (pod: PodFacts): number => (pod.group === "metadata" ? 0 : 1);
  return [
    edit(
      "delete the pods one at a time, each after the one before is Ready again (kubectl rollout restart is undone by the operator):",
    ),
    ...[...pods]
      .sort((a, b) => order(a) - order(b))
      .map((pod) => command`kubectl delete pod ${pod.name} -n ${namespace}`),
  ];
}
