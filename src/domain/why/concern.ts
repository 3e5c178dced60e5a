import type { ClusterFacts } from "../facts.ts";
import type { Evidence, Finding } from "../finding.ts";

/** What `why` was asked about, as far as it decides which findings can be behind it. */
export interface Asked {
  /** Its own name, and that of the backup whose Job it belongs to. */
  readonly names: readonly string[];
  /** The node group of a pod; undefined for a backup, whose work all nodes do. */
  readonly group: string | undefined;
  /** A Secret that it reads besides its nodes. */
  readonly secret: string | undefined;
}

/** The finding names it. */
export function isAbout({ message, evidence }: Finding, asked: Asked): boolean {
  return [message, ...evidence.flatMap(({ label, has = "" }) => [label, has])].some((text) => isNamedIn(text, asked));
}

/** The finding can be why it fails: it names it, or what its nodes read or are. Other objects of the cluster fail alone. */
export function concerns(found: Finding, cluster: ClusterFacts | undefined, asked: Asked): boolean {
  if (cluster === undefined || isAbout(found, asked)) return true;
  const { kind, name } = found.subject;
  const groups = cluster.groups.filter((group) => asked.group === undefined || group.name === asked.group);
  switch (kind) {
    case "Secret":
    case "ConfigMap":
      return (
        (kind === "Secret" && [asked.secret, cluster.secretStore].includes(name)) ||
        groups.some(({ envFrom }) => envFrom.some((source) => source.kind === kind && source.name === name))
      );
    case "StatefulSet":
      return groups.some(({ statefulSet }) => statefulSet === name);
    case "AntflyBackup":
    case "AntflyRestore":
      return found.evidence.some(({ label }) => groups.some((group) => label === `${group.name} nodes`));
    default:
      return !isOfOthers(found.evidence, cluster, groups);
  }
}

/** All that the evidence points to is the list of another node group. */
function isOfOthers(evidence: readonly Evidence[], cluster: ClusterFacts, mine: ClusterFacts["groups"]): boolean {
  const pointedTo = (groups: ClusterFacts["groups"]): boolean =>
    groups.some(({ field }) => evidence.some(({ path = "" }) => path.startsWith(`/spec/${field}/`)));
  return pointedTo(cluster.groups) && !pointedTo(mine);
}

/** The text names it, and not another one whose name begins or ends with its. */
export function isNamedIn(text: string, { names }: Asked): boolean {
  return names.some((name) => {
    const literal = name.replaceAll(/\W/g, String.raw`\$&`);
    return new RegExp(String.raw`(?<![\w.-])${literal}(?![\w-]|\.\w)`).test(text);
  });
}
