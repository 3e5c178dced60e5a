import type { ClusterFacts } from "./facts.ts";
import { command, edit, type Fix, type Ref } from "./finding.ts";

/** Says what to change in an AntflyCluster, and opens it. */
export function editCluster(cluster: ClusterFacts, what: string): Fix[] {
  return [edit(what), command`kubectl edit antflycluster ${cluster.name} -n ${cluster.namespace}`];
}

/** Writes credential keys anew into what holds them now. A ConfigMap is no place for them, and is edited by hand. */
export function writeKeys(cluster: ClusterFacts, source: Ref | undefined): Fix {
  const { namespace, name } = cluster;
  if (source?.kind === "ConfigMap") return command`kubectl edit configmap ${source.name} -n ${namespace}`;
  const into = source === undefined ? [] : ["--secret-name", source.name];
  return command`antfly-creds init secret ${name} -n ${namespace} ${into} --overwrite`;
}
