import { isComplete, type EffectiveEnvironment } from "../../domain/env/effective.ts";
import { describeGroups, nodeEnvironments } from "../../domain/env/groups.ts";
import {
  ACCESS_KEY_ID,
  CREDENTIAL_KEYS,
  ENDPOINT_URL,
  isNearMiss,
  REGION,
  REQUIRED_KEYS,
  staticKeysUse,
} from "../../domain/env/static-keys.ts";
import { broughtKeys, editExternalSecret, forceSync, refOfExternalSecret } from "../../domain/external-secrets.ts";
import type { ExternalSecretFacts } from "../../domain/external-secrets-facts.ts";
import type { BackupFacts, ClusterFacts, ReferenceFacts } from "../../domain/facts.ts";
import { finding, type Evidence, type Finding } from "../../domain/finding.ts";
import type { Generation } from "../../domain/operator/generation.ts";
import { sentenceList } from "../../domain/text.ts";

export interface MappingQuestion {
  readonly cluster: ClusterFacts;
  readonly environments: readonly EffectiveEnvironment[];
  readonly backups: readonly BackupFacts[];
  readonly generation: Generation | undefined;
  readonly makers: (secret: string) => readonly ExternalSecretFacts[];
  readonly references: ReferenceFacts;
}

interface Lack {
  readonly one: ExternalSecretFacts;
  readonly brings: readonly string[];
  readonly key: string;
  readonly group: string;
}

/** Keys of an S3 credential that a node group lacks although an ExternalSecret brings it the others. */
export function missingKeys(question: MappingQuestion): Finding[] {
  const { cluster, environments, backups } = question;
  if (!staticKeysUse(cluster, environments, backups).used) return [];
  const lacks = nodeEnvironments(cluster, environments)
    .filter(isComplete)
    .flatMap((node) => lacksOf(node, question));
  const byMaker = new Map<string, Lack[]>();
  for (const lack of lacks) byMaker.set(lack.one.name, [...(byMaker.get(lack.one.name) ?? []), lack]);
  return [...byMaker.values()].flatMap((mine) => describe(mine, question));
}

function lacksOf(node: EffectiveEnvironment, question: MappingQuestion): Lack[] {
  const { cluster, generation, makers } = question;
  const sources = cluster.groups.find(({ name }) => name === node.of)?.envFrom ?? [];
  const secrets = [...new Set(sources.filter(({ kind }) => kind === "Secret").map(({ name }) => name))];
  const bringing = secrets.flatMap((secret) =>
    makers(secret).flatMap((one) => {
      const brings = keysOf(one, question);
      return brings !== undefined && brings.some(isOfCredential) ? [{ one, brings }] : [];
    }),
  );
  const [first] = bringing;
  // Several that bring parts of it fill up each other: who lacks one can only be told of one alone.
  if (first === undefined) return [];
  const wanted = [...REQUIRED_KEYS, ...endpointOf(cluster, generation), ...regionOf(node)];
  const lacking = wanted.filter((key) => node.variables[key] === undefined && !isRenamed(node, key));
  return lacking.map((key) => ({ ...first, key, group: node.of }));
}

/** What is in the Secret says more than what the manifest maps. */
function keysOf(one: ExternalSecretFacts, { references }: MappingQuestion): readonly string[] | undefined {
  const secret = references.secrets[one.target];
  return secret?.state === "known" ? Object.keys(secret.value.keys) : broughtKeys(one);
}

function isOfCredential(key: string): boolean {
  return CREDENTIAL_KEYS.some((wanted) => key === wanted || isNearMiss(key, wanted));
}

/** It is there and gets another name by a prefix: that is another mistake. */
function isRenamed(node: EffectiveEnvironment, key: string): boolean {
  return Object.values(node.variables).some(({ from }) => from?.key === key && from.source.prefix !== "");
}

/** Generations 1 and 2 refuse s3:// without an endpoint; an unknown one may (operator facts, 7.1). */
function endpointOf(cluster: ClusterFacts, generation: Generation | undefined): string[] {
  return cluster.configured.endpoint || generation === 3 ? [] : [ENDPOINT_URL];
}

/** The database takes us-east-1 where none is named: that is right for an endpoint there, and for stores that do not mind. */
function regionOf({ variables }: EffectiveEnvironment): string[] {
  const facts = variables[ENDPOINT_URL]?.from?.facts;
  if (facts === undefined || facts.unread) return [REGION];
  const { endpoint } = facts;
  return endpoint?.host === "aws" && endpoint.region !== undefined && endpoint.region !== "us-east-1" ? [REGION] : [];
}

function describe(lacks: readonly Lack[], { generation }: MappingQuestion): Finding[] {
  const [first] = lacks;
  if (first === undefined) return [];
  const { one, brings } = first;
  const keys = [...new Set(lacks.map(({ key }) => key))];
  const who = describeGroups(lacks.map(({ group }) => group));
  const isGrave = keys.some(
    (key) => (REQUIRED_KEYS as readonly string[]).includes(key) || (key === ENDPOINT_URL && generation !== undefined),
  );
  const dropped = one.data.map(({ secretKey }) => secretKey).filter((key) => keys.includes(key));
  const near = keys.flatMap((key) => brings.filter((other) => isNearMiss(other, key)));
  const why =
    dropped.length > 0
      ? `its template leaves out what it fetches, and ${sentenceList(dropped)} with it`
      : near.length > 0
        ? `it brings ${sentenceList(near)} instead, which the database does not read`
        : `it brings ${sentenceList(brings)} alone`;
  const message = `ExternalSecret ${one.name} does not bring ${sentenceList(keys)} to the ${who}: ${why}`;
  const evidence: Evidence[] = [
    {
      label: `keys of Secret ${one.target}`,
      want: sentenceList([...new Set([...brings.filter((key) => !near.includes(key)), ...keys])]),
      has: sentenceList(brings),
      path: dropped.length > 0 ? "/spec/target/template" : "/spec/data",
    },
  ];
  const words = dropped.length > 0 ? ["set spec.target.template.mergePolicy: Merge"] : keys.map(entryFor);
  const fixes = [
    ...words.slice(0, -1).flatMap((what) => editExternalSecret(one, what).slice(0, 1)),
    ...editExternalSecret(one, words.at(-1) ?? ""),
    forceSync(one),
  ];
  return [
    finding("eso.mapping-missing-keys", isGrave ? "error" : "warning", refOfExternalSecret(one), message, {
      evidence,
      fixes,
    }),
  ];
}

/** What is no secret need not come from the store: a literal of the template does. */
function entryFor(key: string): string {
  if (key === ENDPOINT_URL) return literal(key, "https://s3.REGION.amazonaws.com, or the URL of your own store");
  if (key === REGION) return literal(key, "the bucket's region");
  const property = key === ACCESS_KEY_ID ? "access_key_id" : "secret_access_key";
  return `add to spec.data: {secretKey: ${key}, remoteRef: {key: ENTRY, property: ${property}}}`;
}

function literal(key: string, value: string): string {
  return `add to spec.target.template, with mergePolicy: Merge: data: {${key}: ${value}}`;
}
