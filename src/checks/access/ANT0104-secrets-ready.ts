import type { ClusterFacts } from "../../domain/facts.ts";
import { finding } from "../../domain/finding.ts";
import { refOfCluster, touchCluster } from "../../domain/fixes.ts";
import { GET_SECRETS, LIST_CLUSTERS } from "../../domain/grants.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0104",
  slug: "secrets-ready",
  title: "The condition SecretsReady says what is true",
  area: "access",
  causes: ["antfly.secretsready-unknown", "operator.secretsready-stale"],
  needs: ["cluster", "references"],
  after: ["ANT0101"],
  notIn: { files: "a manifest has no status", overlay: "the operator has not seen the manifests yet" },
  required: false,
  effect: "read",
  severity: "info",
  grants: [LIST_CLUSTERS, GET_SECRETS],
  run: ({ cluster, references }) => {
    if (cluster === undefined || references === undefined) return [];
    const condition = cluster.conditions.find(({ type }) => type === "SecretsReady");
    if (condition === undefined) return { skip: "the AntflyCluster has no condition SecretsReady" };
    const { status, reason, message: words } = condition;
    const evidence = [{ label: "SecretsReady", has: `${status}, ${reason}: ${words}` }];
    if (status === "Unknown") {
      const message = `SecretsReady of AntflyCluster ${cluster.name} is Unknown, as always with an operator that never reads Secrets: it does not say whether they are there`;
      return [finding("antfly.secretsready-unknown", "info", refOfCluster(cluster), message, { evidence })];
    }
    const named = secretsOf(cluster);
    const stateOf = ({ name }: NamedSecret): string | undefined => references.secrets[name]?.state;
    const absent = named.filter((one) => !one.optional && stateOf(one) === "absent").map(({ name }) => name);
    // The operator of generation 1 takes an optional Secret for a required one, so one of those may be what it misses.
    const allThere = named.every((one) => stateOf(one) === "known");
    if (status === "True" ? absent.length === 0 : !allThere) return [];
    const truth =
      status === "True"
        ? `but Secret${absent.length === 1 ? "" : "s"} ${sentenceList(absent)} ${absent.length === 1 ? "is" : "are"} not there`
        : "but every Secret that envFrom names is there";
    const message = `SecretsReady of AntflyCluster ${cluster.name} is ${status}, ${truth}: the operator has not looked since`;
    return [
      finding("operator.secretsready-stale", "warning", refOfCluster(cluster), message, {
        evidence,
        fixes: [touchCluster(cluster)],
      }),
    ];
  },
});

interface NamedSecret {
  readonly name: string;
  /** Every entry that names it is optional. */
  readonly optional: boolean;
}

/** The Secrets of the node groups' `envFrom`, which is all that the condition is about. */
function secretsOf({ groups }: ClusterFacts): NamedSecret[] {
  const entries = groups.flatMap(({ envFrom }) => envFrom.filter(({ kind }) => kind === "Secret"));
  return [...new Set(entries.map(({ name }) => name))].map((name) => ({
    name,
    optional: entries.every((entry) => entry.name !== name || entry.optional),
  }));
}
