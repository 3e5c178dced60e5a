import { describeSource, type EffectiveEnvironment, type Supply } from "../../domain/env/effective.ts";
import { nodeEnvironments } from "../../domain/env/groups.ts";
import {
  ACCESS_KEY_ID,
  CREDENTIAL_KEYS,
  ENDPOINT_URL,
  REGION,
  SECRET_ACCESS_KEY,
  SESSION_TOKEN,
} from "../../domain/env/static-keys.ts";
import type { ClusterFacts, ReferenceFacts } from "../../domain/facts.ts";
import type { Sensitive } from "../../domain/sensitive.ts";
import { keptValues } from "../kept-values.ts";
import { storeValues } from "./store-file.ts";

/** The credential that the nodes of some groups sign with, with its values. It goes to a signer and nowhere else. */
export interface StaticCredential {
  /** `Secret backup-credentials`. */
  readonly source: string;
  readonly secret: string | undefined;
  /** Key of the Secret that holds the id. */
  readonly idKey: string | undefined;
  readonly users: readonly string[];
  readonly misshapen: readonly string[];
  readonly id: Sensitive;
  readonly secretKey: Sensitive;
  readonly token: Sensitive | undefined;
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
}

type Values = Readonly<Record<string, { readonly value: Sensitive; readonly supply: Supply | undefined }>>;

/**
 * Credentials of the node groups, each once: what the process finds in its environment, or in the file of its secret
 * store, which wins over that. A half that is missing or could not be read makes none.
 */
export function staticCredentials(
  cluster: ClusterFacts,
  environments: readonly EffectiveEnvironment[],
  references: ReferenceFacts,
  injectedRegion: (group: string) => string | undefined,
): StaticCredential[] {
  const found = new Map<string, StaticCredential>();
  const store = storeValues(cluster, references);
  for (const environment of nodeEnvironments(cluster, environments)) {
    const values: Values = { ...valuesIn(environment, references), ...store };
    const [id, secretKey] = [values[ACCESS_KEY_ID], values[SECRET_ACCESS_KEY]];
    if (id === undefined || secretKey === undefined || isEmpty(id.value) || isEmpty(secretKey.value)) continue;
    const region = injectedRegion(environment.of) ?? textOf(orNothing(values[REGION]?.value));
    const key = [region, ...CREDENTIAL_KEYS.map((name) => textOf(values[name]?.value) ?? "")].join("\0");
    const earlier = found.get(key);
    found.set(key, {
      source: id.supply === undefined ? storeSource(cluster) : describeSource({ ...id.supply.source, prefix: "" }),
      secret: id.supply === undefined ? cluster.secretStore : secretOf(id.supply),
      idKey: id.supply?.source.kind === "Secret" ? id.supply.key : undefined,
      users: [...(earlier?.users ?? []), environment.of],
      misshapen: misshapenIn(values),
      id: id.value,
      secretKey: secretKey.value,
      token: orNothing(values[SESSION_TOKEN]?.value),
      endpoint: cluster.configured.endpointUrl ?? textOf(orNothing(values[ENDPOINT_URL]?.value)),
      region,
    });
  }
  return [...found.values()];
}

function valuesIn(environment: EffectiveEnvironment, references: ReferenceFacts): Values {
  return Object.fromEntries(
    CREDENTIAL_KEYS.flatMap((name) => {
      const supply = environment.variables[name]?.from;
      if (supply === undefined) return [];
      const { kind, name: source } = supply.source;
      const fact = (kind === "Secret" ? references.secrets : references.configMaps)[source];
      const value = fact?.state === "known" ? keptValues(fact.value)?.[supply.key] : undefined;
      return value === undefined ? [] : [[name, { value, supply }] as const];
    }),
  );
}

function secretOf({ source }: Supply): string | undefined {
  return source.kind === "Secret" ? source.name : undefined;
}

function storeSource({ secretStore = "" }: ClusterFacts): string {
  return `Secret ${secretStore}, the file of spec.secretStore,`;
}

/** Names of those whose values have something in or around them that belongs to no key. An empty one is none. */
function misshapenIn(values: Values): string[] {
  return Object.entries(values).flatMap(([name, { supply }]) =>
    supply?.facts.shape.some((shape) => shape !== "empty") === true ? [name] : [],
  );
}

function isEmpty(value: Sensitive): boolean {
  return value.reveal().length === 0;
}

function orNothing(value: Sensitive | undefined): Sensitive | undefined {
  return value === undefined || isEmpty(value) ? undefined : value;
}

/** An endpoint and a region are no secrets; what looks like one is not looked at here. */
function textOf(value: Sensitive | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value.reveal()).toString("utf8");
}
