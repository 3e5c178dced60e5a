import { isComplete, type EffectiveEnvironment, type EnvFromSource } from "../../domain/env/effective.ts";
import { nodeEnvironments } from "../../domain/env/groups.ts";
import { REQUIRED_KEYS, staticKeysUse } from "../../domain/env/static-keys.ts";
import type { ClusterFacts, PodFacts, SecretsElsewhere } from "../../domain/facts.ts";
import { command, edit, finding, type Evidence, type Finding, type Fix } from "../../domain/finding.ts";
import {
  GET_CONFIG_MAPS,
  GET_SECRETS,
  LIST_BACKUPS,
  LIST_PODS,
  LIST_RESTORES,
  LIST_SECRETS_EVERYWHERE,
} from "../../domain/grants.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

const CONFIG_ERROR = "CreateContainerConfigError";

export default defineCheck({
  code: "ANT0201",
  slug: "references-exist",
  title: "Every Secret and ConfigMap in envFrom exists in the cluster's namespace",
  area: "references",
  needs: ["cluster", "references", "environments"],
  wants: ["elsewhere", "pods", "backups"],
  after: ["ANT0101"],
  required: true,
  effect: "read",
  severity: "critical",
  grants: [GET_SECRETS, GET_CONFIG_MAPS, LIST_PODS, LIST_BACKUPS, LIST_RESTORES, LIST_SECRETS_EVERYWHERE],
  run: ({ cluster, references, environments, elsewhere, pods, backups }) => {
    if (cluster === undefined || environments === undefined) return [];
    const missing = groupBySource(environments, (environment) => environment.missing);
    const found = missing.map(({ source, readers }) =>
      missingSource(cluster, source, readers, elsewhere ?? {}, pods ?? []),
    );
    const use = staticKeysUse(cluster, environments, backups ?? []);
    if (use.used) {
      for (const { source, readers } of groupBySource(nodeEnvironments(cluster, environments), hiddenByOptional)) {
        found.push(missingOptional(cluster, source, readers, use.because));
      }
    }
    const known = Object.entries(references?.secrets ?? {}).filter(([, fact]) => fact.state === "known");
    return [...found, ...known.flatMap(([name]) => stillWaiting(cluster, name, pods ?? []))];
  },
});

interface Reading {
  readonly source: EnvFromSource;
  readonly readers: readonly string[];
}

function groupBySource(
  environments: readonly EffectiveEnvironment[],
  pick: (environment: EffectiveEnvironment) => readonly EnvFromSource[],
): Reading[] {
  const byName = new Map<string, { source: EnvFromSource; readers: string[] }>();
  for (const environment of environments) {
    for (const source of pick(environment)) {
      const key = `${source.kind}/${source.name}`;
      const reading = byName.get(key) ?? { source, readers: [] };
      if (!reading.readers.includes(environment.of)) reading.readers.push(environment.of);
      byName.set(key, reading);
    }
  }
  return [...byName.values()];
}

/** Optional sources matter only where what they should bring is not brought by another one. */
function hiddenByOptional(environment: EffectiveEnvironment): readonly EnvFromSource[] {
  if (!isComplete(environment)) return [];
  const lacks = REQUIRED_KEYS.some((key) => environment.variables[key] === undefined);
  return lacks ? environment.missingOptional.filter((source) => source.kind === "Secret") : [];
}

function missingSource(
  cluster: ClusterFacts,
  source: EnvFromSource,
  readers: readonly string[],
  elsewhere: SecretsElsewhere,
  pods: readonly PodFacts[],
): Finding {
  const { namespace } = cluster;
  const subject = { kind: source.kind, namespace, name: source.name };
  const mine = pods.filter((pod) => readers.includes(pod.group));
  const waiting = mine.filter((pod) => waitsFor(pod, source));
  const running = mine.filter((pod) => pod.startedAt !== undefined);
  const evidence: Evidence[] = [
    { label: "read by", has: readers.map(describeReader).join(", ") },
    ...waiting.map((pod) => ({ label: `pod ${pod.name}`, has: `${pod.waiting?.reason}: ${pod.waiting?.message}` })),
  ];
  const options = { evidence, fixes: fixesFor(cluster, source), transient: true };
  if (source.kind === "ConfigMap") {
    return finding(
      "k8s.configmap-missing",
      "critical",
      subject,
      `ConfigMap ${source.name} does not exist in namespace ${namespace}`,
      options,
    );
  }
  const places = elsewhere[source.name] ?? [];
  if (places.length > 0) {
    const message = `Secret ${source.name} does not exist in namespace ${namespace}; a Secret of that name exists in ${sentenceList(places)}`;
    return finding("k8s.secret-wrong-namespace", "critical", subject, message, options);
  }
  if (waiting.length === 0 && running.length > 0) {
    const message = `Secret ${source.name} is gone from namespace ${namespace}; the pods still run on what they read at their start, and the next restart fails`;
    return finding("k8s.secret-deleted-while-running", "error", subject, message, options);
  }
  const message = `Secret ${source.name} does not exist in namespace ${namespace}`;
  return finding("k8s.secret-missing", "critical", subject, message, options);
}

function missingOptional(
  cluster: ClusterFacts,
  source: EnvFromSource,
  readers: readonly string[],
  because: string,
): Finding {
  const { namespace } = cluster;
  const message = `Secret ${source.name} does not exist in namespace ${namespace}, and "optional: true" lets the pods start without credentials`;
  return finding("k8s.optional-ref-hides-missing", "error", { kind: "Secret", namespace, name: source.name }, message, {
    evidence: [
      { label: "read by", has: readers.map(describeReader).join(", ") },
      { label: "needed because", has: because },
    ],
    fixes: fixesFor(cluster, source),
    transient: true,
  });
}

/** The kubelet tries again by itself; until then the pod shows the old message. */
function stillWaiting(cluster: ClusterFacts, secret: string, pods: readonly PodFacts[]): Finding[] {
  const waiting = pods.filter((pod) => waitsFor(pod, { kind: "Secret", name: secret }));
  if (waiting.length === 0) return [];
  const subject = { kind: "Secret", namespace: cluster.namespace, name: secret };
  const message = `Secret ${secret} exists, and ${waiting.length} of the pods still wait for it; the kubelet tries again by itself`;
  return [
    finding("k8s.secret-just-created", "warning", subject, message, {
      evidence: waiting.map((pod) => ({
        label: `pod ${pod.name}`,
        has: `${pod.waiting?.reason}: ${pod.waiting?.message}`,
      })),
      transient: true,
    }),
  ];
}

/** The kubelet's own message: `secret "x" not found`. */
function waitsFor(pod: PodFacts, source: { readonly kind: string; readonly name: string }): boolean {
  const message = `${source.kind.toLowerCase()} "${source.name}" not found`;
  return pod.waiting?.reason === CONFIG_ERROR && pod.waiting.message.includes(message);
}

function describeReader(reader: string): string {
  return reader.includes("/") ? reader.replace("/", " ") : `${reader} nodes`;
}

function fixesFor(cluster: ClusterFacts, source: EnvFromSource): Fix[] {
  const { namespace, name } = cluster;
  if (source.kind === "ConfigMap")
    return [edit(`create ConfigMap ${source.name} in namespace ${namespace}, or remove it from envFrom`)];
  return [command`antfly-creds init secret ${name} -n ${namespace} --secret-name ${source.name}`];
}
