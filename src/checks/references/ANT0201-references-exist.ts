import { isComplete, type EffectiveEnvironment, type EnvFromSource } from "../../domain/env/effective.ts";
import { nodeEnvironments, referenceEvidence } from "../../domain/env/groups.ts";
import { REQUIRED_KEYS, staticKeysUse, whyMissing } from "../../domain/env/static-keys.ts";
import { makersOf } from "../../domain/external-secrets.ts";
import type { ExternalSecretFacts } from "../../domain/external-secrets-facts.ts";
import type { BackupFacts, ClusterFacts, ReferenceFacts } from "../../domain/facts.ts";
import type { SecretsElsewhere } from "../../domain/secret-facts.ts";
import type { PodFacts } from "../../domain/workload-facts.ts";
import { finding, type Evidence, type Finding } from "../../domain/finding.ts";
import { editCluster } from "../../domain/fixes.ts";
import { LIST_EXTERNAL_SECRETS } from "../../domain/external-secrets-grants.ts";
import {
  GET_CONFIG_MAPS,
  GET_SECRETS,
  LIST_BACKUPS,
  LIST_PODS,
  LIST_RESTORES,
  LIST_SECRETS_EVERYWHERE,
} from "../../domain/grants.ts";
import { isObjectName } from "../../domain/names.ts";
import { count, shortList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";
import { fixesFor, fixesOfMaker, jobsAlone, leaveOut, nearlyMade, SECRET_STORE } from "./missing-fixes.ts";
import { notStarting, readsSource, stillWaiting, waitsFor, type SourceRef } from "./waiting-pods.ts";

/** Where an ExternalSecret is to make the Secret, why it does not is the cause, and it is mended there. */
const EXPLAINING = ["ANT0501", "ANT0502", "ANT0503", "ANT0506"] as const;

export default defineCheck({
  code: "ANT0201",
  slug: "references-exist",
  title: "Every Secret and ConfigMap in envFrom exists in the cluster's namespace",
  area: "references",
  causes: [
    "k8s.configmap-missing",
    "k8s.container-config-error",
    "k8s.envfrom-invalid",
    "k8s.optional-ref-hides-missing",
    "k8s.secret-deleted-while-running",
    "k8s.secret-just-created",
    "k8s.secret-missing",
    "k8s.secret-wrong-namespace",
    "k8s.secretkeyref-missing-key",
  ],
  needs: ["cluster", "references", "environments"],
  wants: ["elsewhere", "pods", "backups", "externalSecrets"],
  after: ["ANT0101"],
  explainedBy: EXPLAINING,
  required: true,
  effect: "read",
  severity: "critical",
  grants: [
    GET_SECRETS,
    GET_CONFIG_MAPS,
    LIST_PODS,
    LIST_BACKUPS,
    LIST_RESTORES,
    LIST_SECRETS_EVERYWHERE,
    { ...LIST_EXTERNAL_SECRETS, optional: true },
  ],
  run: ({ cluster, references, environments, elsewhere, pods = [], backups, externalSecrets = [] }) => {
    if (cluster === undefined || references === undefined || environments === undefined) return [];
    const missing = [
      ...groupBySource(environments, (environment) => environment.missing),
      ...missingStore(cluster, references),
    ];
    const found = [
      ...invalidEntries(cluster),
      ...missing.map((one) =>
        missingSource(cluster, one, {
          elsewhere: elsewhere ?? {},
          pods,
          backups: backups ?? [],
          environments,
          externalSecrets,
        }),
      ),
    ];
    const use = staticKeysUse(cluster, environments, backups ?? []);
    if (use.used) {
      for (const { source, readers } of groupBySource(nodeEnvironments(cluster, environments), hiddenByOptional)) {
        found.push(
          missingOptional(cluster, { source, readers }, use.because, { backups: backups ?? [], externalSecrets }),
        );
      }
    }
    const present = presentSources(references);
    const waiting = present.flatMap((source) => stillWaiting(cluster, source, pods));
    const explained = [...present, ...missing.map((one) => one.source)];
    return [...found, ...waiting, ...notStarting(cluster, pods, explained, references)];
  },
});

interface Reading {
  readonly source: SourceRef;
  readonly readers: readonly string[];
}

function groupBySource(
  environments: readonly EffectiveEnvironment[],
  pick: (environment: EffectiveEnvironment) => readonly EnvFromSource[],
): Reading[] {
  const byName = new Map<string, { source: SourceRef; readers: string[] }>();
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

/** The file that `spec.secretStore` mounts comes out of a Secret, too. */
function missingStore({ secretStore }: ClusterFacts, { secrets }: ReferenceFacts): Reading[] {
  if (secretStore === undefined || secrets[secretStore]?.state !== "absent") return [];
  return [{ source: { kind: "Secret", name: secretStore }, readers: [SECRET_STORE] }];
}

function presentSources({ secrets, configMaps }: ReferenceFacts): SourceRef[] {
  const known = (kind: SourceRef["kind"], facts: Readonly<Record<string, { readonly state: string }>>): SourceRef[] =>
    Object.entries(facts).flatMap(([name, fact]) => (fact.state === "known" ? [{ kind, name }] : []));
  return [...known("Secret", secrets), ...known("ConfigMap", configMaps)];
}

/** Optional sources matter only where what they should bring is set by nothing else, and no better reason is known. */
function hiddenByOptional(environment: EffectiveEnvironment): readonly EnvFromSource[] {
  if (!isComplete(environment)) return [];
  const lacks = REQUIRED_KEYS.some((key) => whyMissing(environment, key)?.why === "not-there");
  return lacks ? environment.missingOptional.filter((source) => source.kind === "Secret") : [];
}

/** The operator refuses such a list and stops; the API server takes it. */
function invalidEntries(cluster: ClusterFacts): Finding[] {
  const condition = cluster.conditions.find(({ type, status }) => type === "ConfigurationValid" && status === "False");
  return cluster.groups.flatMap(({ field, invalid }) =>
    invalid.map(({ index, problem }) => {
      const place = `spec.${field}.envFrom[${index}]`;
      const subject = { kind: "AntflyCluster", namespace: cluster.namespace, name: cluster.name };
      return finding(
        "k8s.envfrom-invalid",
        "error",
        subject,
        `${place} ${problem}; the operator refuses the whole AntflyCluster`,
        {
          evidence: [
            {
              label: place,
              want: "one secretRef or configMapRef with a name",
              path: `/spec/${field}/envFrom/${index}`,
            },
            ...(condition === undefined ? [] : [{ label: "operator", has: condition.message }]),
          ],
          fixes: editCluster(cluster, `mend ${place} of AntflyCluster ${cluster.name}`),
        },
      );
    }),
  );
}

interface Surroundings {
  readonly elsewhere: SecretsElsewhere;
  readonly pods: readonly PodFacts[];
  readonly backups: readonly BackupFacts[];
  readonly environments: readonly EffectiveEnvironment[];
  readonly externalSecrets: readonly ExternalSecretFacts[];
}

function missingSource(
  cluster: ClusterFacts,
  { source, readers }: Reading,
  { elsewhere, pods, backups, environments, externalSecrets }: Surroundings,
): Finding {
  const { namespace } = cluster;
  const subject = { kind: source.kind, namespace, name: source.name };
  const waiting = pods.filter((pod) => waitsFor(pod, source));
  const running = pods.filter((pod) => pod.startedAt !== undefined && readsSource(pod, source));
  const evidence: Evidence[] = [
    ...referenceEvidence(cluster, source, backups),
    ...waiting.map((pod) => ({ label: `pod ${pod.name}`, has: `${pod.waiting?.reason}: ${pod.waiting?.message}` })),
    ...nearlyMade(source, externalSecrets).map(({ name, target }) => ({
      label: `ExternalSecret ${name}`,
      want: source.name,
      has: `writes Secret ${target}`,
    })),
  ];
  const nodes = nodeEnvironments(cluster, environments);
  const nodesHaveKeys = nodes.every((node) => REQUIRED_KEYS.every((key) => node.variables[key] !== undefined));
  const jobs = nodesHaveKeys ? jobsAlone(source, readers, backups) : [];
  const made = fixesOfMaker(source, externalSecrets);
  const fixes = made.length > 0 ? made : jobs.length > 0 ? leaveOut(jobs) : fixesFor(cluster, source, readers);
  const options = { evidence, fixes, transient: true, ...whyNotMade(source, externalSecrets) };
  const never = isObjectName(source.name) ? "" : `, and no ${source.kind} can have that name`;
  if (source.kind === "ConfigMap") {
    const message = `ConfigMap ${source.name} does not exist in namespace ${namespace}${never}`;
    return finding("k8s.configmap-missing", "critical", subject, message, options);
  }
  // What pods could read was there, whatever other namespaces have.
  if (running.length > 0) {
    const rest =
      waiting.length === 0
        ? "the pods still run on what they read at their start, and the next restart fails"
        : `${count(waiting.length, "pod")} cannot start, and ${count(running.length, "pod")} still ${running.length === 1 ? "runs" : "run"} on what was read at the start`;
    const message = `Secret ${source.name} is gone from namespace ${namespace}; ${rest}`;
    const severity = waiting.length === 0 ? "error" : "critical";
    return finding("k8s.secret-deleted-while-running", severity, subject, message, options);
  }
  const places = elsewhere[source.name] ?? [];
  if (places.length > 0) {
    const message = `Secret ${source.name} does not exist in namespace ${namespace}; a Secret of that name exists in ${shortList(places)}`;
    return finding("k8s.secret-wrong-namespace", "critical", subject, message, options);
  }
  const message = `Secret ${source.name} does not exist in namespace ${namespace}${never}`;
  return finding("k8s.secret-missing", "critical", subject, message, options);
}

function missingOptional(
  cluster: ClusterFacts,
  { source, readers }: Reading,
  because: string,
  { backups, externalSecrets }: Pick<Surroundings, "backups" | "externalSecrets">,
): Finding {
  const { namespace } = cluster;
  const made = fixesOfMaker(source, externalSecrets);
  const message = `Secret ${source.name} does not exist in namespace ${namespace}, and "optional: true" lets the pods start without credentials`;
  return finding("k8s.optional-ref-hides-missing", "error", { kind: "Secret", namespace, name: source.name }, message, {
    evidence: [...referenceEvidence(cluster, source, backups), { label: "needed because", has: because }],
    fixes: made.length > 0 ? made : fixesFor(cluster, source, readers),
    transient: true,
    ...whyNotMade(source, externalSecrets),
  });
}

/** An ExternalSecret is to make it. */
function whyNotMade(
  { kind, name }: SourceRef,
  externalSecrets: readonly ExternalSecretFacts[],
): Pick<Finding, "explainedBy"> {
  return kind === "Secret" && makersOf(externalSecrets, name).length > 0 ? { explainedBy: EXPLAINING } : {};
}
