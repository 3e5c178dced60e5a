import { effectiveEnvironment, type EffectiveEnvironment, type SourceContent } from "../domain/env/effective.ts";
import {
  GET_CLUSTER_CRD,
  GET_SERVICE_ACCOUNT,
  LIST_BACKUPS,
  LIST_CLUSTERS,
  LIST_PODS,
  LIST_RESTORES,
  LIST_STATEFUL_SETS,
} from "../domain/grants.ts";
import { absent, known, valueOf, type Known, type Origin, type Unknown } from "../domain/known.ts";
import { matchHash } from "../domain/operator/envfrom-hash.ts";
import { ownerOf } from "../domain/owner.ts";
import { decideGeneration, generationEvidence } from "../domain/operator/generation.ts";
import { classify, type KeyFacts } from "../domain/values/classify.ts";
import type { KubeObject } from "../ports.ts";
import { accessCollector, serverCollector } from "./access.ts";
import { AWS_COLLECTORS } from "./aws-facts.ts";
import { CLUSTER_WIDE_COLLECTORS } from "./cluster-wide.ts";
import { defineCollector, toKnown, type Collector } from "./collector.ts";
import { EXTERNAL_SECRETS_COLLECTORS } from "./external-secrets-facts.ts";
import { GOOGLE_COLLECTORS } from "./google-facts.ts";
import { parseBackup } from "./objects/backup.ts";
import { parseCluster } from "./objects/cluster.ts";
import { annotationWrittenAt, parseMetadata } from "./objects/schemas.ts";
import { parsePod, parseStatefulSet, podsOf } from "./objects/workloads.ts";
import { elsewhereCollector, referencesCollector } from "./references.ts";
import { revisionsCollector } from "./revisions.ts";
import { STORAGE_COLLECTORS } from "./storage/index.ts";
import {
  ANTFLY_BACKUP,
  ANTFLY_CLUSTER,
  ANTFLY_RESTORE,
  CLUSTER_CRD_NAME,
  CRD,
  POD,
  SERVICE_ACCOUNT,
  STATEFUL_SET,
} from "../domain/resources.ts";

/** What pods run as whose spec names no ServiceAccount. */
const DEFAULT_ACCOUNT = "default";

const ROLE_ARN = "eks.amazonaws.com/role-arn";

function origin(ref: string): Origin {
  return { via: "kube", ref };
}

const clusters = defineCollector({
  gives: "clusters",
  needs: [],
  collect: (_, { reader, namespace }) =>
    toKnown("AntflyClusters", LIST_CLUSTERS, async () => {
      const list = await reader.list(ANTFLY_CLUSTER, namespace);
      return known(list.map(parseCluster), origin("AntflyClusters"));
    }),
});

const cluster = defineCollector({
  gives: "cluster",
  needs: ["clusters"],
  collect: async ({ clusters: all }, world) => {
    const found = all.find((candidate) => candidate.name === world.cluster);
    const ref = `AntflyCluster ${world.cluster ?? ""}`;
    return found === undefined ? absent(origin(ref)) : known(found, origin(ref));
  },
});

const backups = defineCollector({
  gives: "backups",
  needs: ["cluster"],
  collect: async ({ cluster: { name } }, { reader, namespace, allNamespaces }) => {
    const of = (type: typeof ANTFLY_BACKUP, kind: "AntflyBackup" | "AntflyRestore", grant: typeof LIST_BACKUPS) =>
      toKnown(`${kind}s`, grant, async () => {
        const list = await reader.list(type, allNamespaces ? undefined : namespace);
        const all = list.map((object) => parseBackup(object, kind));
        const mine = all.filter((one) => one.cluster.name === name && one.cluster.namespace === namespace);
        return known(mine, origin(`${kind}s`));
      });
    const [taken, restored] = await Promise.all([
      of(ANTFLY_BACKUP, "AntflyBackup", LIST_BACKUPS),
      of(ANTFLY_RESTORE, "AntflyRestore", LIST_RESTORES),
    ]);
    const gaps = [taken, restored].filter((fact): fact is Unknown => fact.state === "unknown");
    if (gaps[0] !== undefined && gaps.length === 2) return gaps[0];
    return known([...(valueOf(taken) ?? []), ...(valueOf(restored) ?? [])], origin("AntflyBackups"), gaps);
  },
});

const statefulSets = defineCollector({
  gives: "statefulSets",
  needs: ["cluster"],
  collect: ({ cluster: { groups } }, { reader, namespace }) =>
    toKnown("StatefulSets", LIST_STATEFUL_SETS, async () => {
      const names = new Set(groups.map((group) => group.statefulSet));
      const list = await reader.list(STATEFUL_SET, namespace);
      return known(list.filter((object) => names.has(nameOf(object))).map(parseStatefulSet), origin("StatefulSets"));
    }),
});

const pods = defineCollector({
  gives: "pods",
  needs: ["cluster"],
  collect: ({ cluster: { name } }, { reader, namespace, fingerprint }) =>
    toKnown("Pods", LIST_PODS, async () => {
      const list = await reader.list(POD, namespace, { labelSelector: podsOf(name) });
      const facts = (variable: string, value: string): KeyFacts =>
        classify(variable, Buffer.from(value, "utf8"), fingerprint);
      return known(
        list.map((object) => parsePod(object, name, facts)).filter((pod) => pod !== undefined),
        origin("Pods"),
      );
    }),
});

const serviceAccount = defineCollector({
  gives: "serviceAccount",
  needs: ["cluster"],
  collect: async ({ cluster: { serviceAccount: named } }, { reader, namespace }) => {
    const name = named ?? DEFAULT_ACCOUNT;
    const ref = `ServiceAccount ${name}`;
    const fact = await toKnown(ref, GET_SERVICE_ACCOUNT, async () => {
      const meta = parseMetadata((await reader.get(SERVICE_ACCOUNT, namespace, name))["metadata"]);
      const { annotations } = meta;
      return known(
        {
          name,
          awsRole: annotations?.[ROLE_ARN],
          gcpAccount: annotations?.["iam.gke.io/gcp-service-account"],
          annotations: annotations ?? {},
          uid: meta.uid ?? undefined,
          createdAt: meta.creationTimestamp ?? undefined,
          awsRoleWrittenAt: annotationWrittenAt(meta, ROLE_ARN),
          owner: ownerOf(meta),
        },
        origin(ref),
      );
    });
    // Every namespace has that one, and files do not: there is nothing in them to be said of it.
    return name === DEFAULT_ACCOUNT && fact.state === "unknown" && fact.why === "not-given"
      ? absent(origin(ref))
      : fact;
  },
});

/** Optional evidence: no check needs it, so that a user without the right to read CRDs loses nothing. */
const crdFields = defineCollector({
  gives: "crdFields",
  needs: [],
  collect: (_, { reader }) =>
    toKnown("the AntflyCluster CRD", GET_CLUSTER_CRD, async () => {
      const crd = await reader.get(CRD, undefined, CLUSTER_CRD_NAME);
      return known(specFieldsOf(crd), origin("the AntflyCluster CRD"));
    }),
});

const environments = defineCollector({
  gives: "environments",
  needs: ["cluster", "references", "server"],
  wants: ["backups"],
  collect: async ({ cluster: { groups }, references, server }, { namespace }, wants) => {
    const gaps: Unknown[] = [];
    const content: SourceContent = (source) => {
      const fact: Known<{ keys: Readonly<Record<string, KeyFacts>> }> | undefined =
        source.kind === "Secret" ? references.secrets[source.name] : references.configMaps[source.name];
      if (fact === undefined) return absent(origin(source.name));
      return fact.state === "known" ? known(fact.value.keys, fact.origin) : fact;
    };
    const of = (name: string, envFrom: Parameters<typeof effectiveEnvironment>[1]): EffectiveEnvironment =>
      effectiveEnvironment(name, envFrom, [], content, server.minor);
    const list = groups.map((group) => of(group.name, group.envFrom));
    for (const backup of (wants.backups && valueOf(wants.backups)) ?? []) {
      if (backup.credentialsSecret === undefined || backup.namespace !== namespace) continue;
      const source = { kind: "Secret", name: backup.credentialsSecret, prefix: "", optional: false } as const;
      list.push(of(`${backup.kind}/${backup.name}`, [source]));
    }
    for (const fact of [...Object.values(references.secrets), ...Object.values(references.configMaps)]) {
      if (fact.state === "unknown") gaps.push(fact);
    }
    return known(list, origin("the effective environment"), gaps);
  },
});

const operator = defineCollector({
  gives: "operator",
  needs: ["cluster"],
  wants: ["statefulSets", "references", "crdFields"],
  collect: async ({ cluster: { conditions, groups } }, _, wants) => {
    const sets = (wants.statefulSets && valueOf(wants.statefulSets)) ?? [];
    const hashes = (wants.references && valueOf(wants.references)?.hashes) ?? {};
    const evidence = generationEvidence({
      conditions,
      specFields: wants.crdFields && valueOf(wants.crdFields),
      configHash: sets.some((set) => set.configHash !== undefined),
      hashes: groups.flatMap(({ name, statefulSet }) => {
        const live = sets.find((set) => set.name === statefulSet)?.envFromHash;
        const computed = hashes[name];
        return live === undefined || computed === undefined ? [] : [{ statefulSet, match: matchHash(live, computed) }];
      }),
    });
    return known({ generation: decideGeneration(evidence), evidence }, origin("the operator"));
  },
});

/** All facts of one AntflyCluster, from whatever is read. */
export const CLUSTER_COLLECTORS: readonly Collector[] = [
  serverCollector,
  accessCollector,
  clusters,
  cluster,
  backups,
  referencesCollector,
  elsewhereCollector,
  environments,
  statefulSets,
  pods,
  revisionsCollector,
  serviceAccount,
  crdFields,
  operator,
  ...STORAGE_COLLECTORS,
  ...CLUSTER_WIDE_COLLECTORS,
  ...AWS_COLLECTORS,
  ...GOOGLE_COLLECTORS,
  ...EXTERNAL_SECRETS_COLLECTORS,
];

function nameOf(object: KubeObject): string {
  const name = (object["metadata"] as { name?: unknown } | undefined)?.name;
  return typeof name === "string" ? name : "";
}

function specFieldsOf(crd: KubeObject): string[] {
  const versions = (crd["spec"] as { versions?: unknown } | undefined)?.versions;
  const fields = (Array.isArray(versions) ? versions : []).flatMap((version: unknown) => {
    const { schema } = (version ?? {}) as {
      schema?: { openAPIV3Schema?: { properties?: { spec?: { properties?: object } } } };
    };
    return Object.keys(schema?.openAPIV3Schema?.properties?.spec?.properties ?? {});
  });
  return [...new Set(fields)];
}
