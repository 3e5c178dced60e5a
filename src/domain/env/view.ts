import type { Facts } from "../facts.ts";
import type { PodFacts } from "../workload-facts.ts";
import { valueOf } from "../known.ts";
import { count } from "../text.ts";
import type { KeyFacts } from "../values/classify.ts";
import { describeSource, type EffectiveEnvironment, type Supply } from "./effective.ts";

/** One variable as a container has it: where it comes from, and what lost. Names and shapes, never a value. */
export interface VariableView {
  readonly name: string;
  /** `Secret keys, key AWS_REGION`, or `env of pod x`. */
  readonly from: string;
  /** `20 bytes`, `aws-key-id`, and what is wrong with it. */
  readonly looks: readonly string[];
  readonly shadowed: readonly string[];
}

/** What a container gets at its start, and what it does not get, with the reason. */
export interface EnvironmentView {
  readonly of: string;
  readonly variables: readonly VariableView[];
  readonly dropped: readonly { readonly name: string; readonly from: string; readonly why: string }[];
  /** Required ones that are not there: the container cannot start. */
  readonly missing: readonly string[];
  readonly missingOptional: readonly string[];
  /** They could not be read: what they bring is not known. */
  readonly unread: readonly string[];
}

/** The view of each environment that is known, Jobs that get nothing included; undefined when none is. */
export function viewsOf({ environments, pods, server, backups }: Facts): EnvironmentView[] | undefined {
  const version = (server && valueOf(server)?.version) ?? "";
  const known = pods && valueOf(pods);
  const views = (environments && valueOf(environments))?.map((environment) => {
    // A Job is made anew from the backup: nobody has put anything into it.
    const ofJob = environment.of.includes("/");
    return viewOf(environment, ofJob ? [] : known?.filter((pod) => pod.group === environment.of), version);
  });
  const bare = ((backups && valueOf(backups)) ?? []).filter((backup) => backup.credentialsSecret === undefined);
  const empty = bare.map(({ kind, name }) => emptyView(`${kind}/${name}`, []));
  return views && [...views, ...empty, ...unreadJobs(backups)];
}

function emptyView(of: string, unread: readonly string[]): EnvironmentView {
  return { of, variables: [], dropped: [], missing: [], missingOptional: [], unread };
}

/** `AntflyBackup/*`: which of them there are, and what their Jobs get, could not be read. */
function unreadJobs(backups: Facts["backups"]): EnvironmentView[] {
  const unread = backups?.state === "unknown" ? ["AntflyBackups", "AntflyRestores"] : gapsOf(backups);
  return unread.map((kinds) => emptyView(`${kinds.replace(/s$/, "")}/*`, [kinds]));
}

function gapsOf(fact: Facts["backups"]): string[] {
  return fact?.state === "known" ? (fact.gaps ?? []).map(({ origin }) => origin.ref) : [];
}

/**
 * `pods` are those of the node group: what was put into their spec wins over `envFrom`. Undefined: they could not be
 * read.
 */
export function viewOf(
  environment: EffectiveEnvironment,
  pods: readonly PodFacts[] | undefined,
  kubernetes: string,
): EnvironmentView {
  const explicit = explicitIn(pods ?? []);
  const names = new Set([...Object.keys(environment.variables), ...explicit.keys()]);
  return {
    of: environment.of,
    variables: [...names].sort().map((name): VariableView => {
      const variable = environment.variables[name];
      const supplies = [...(variable?.shadowed ?? []), ...(variable?.from === undefined ? [] : [variable.from])];
      const own = explicit.get(name);
      const winner = own === undefined ? variable?.from : undefined;
      return {
        name,
        from: own?.from ?? (winner === undefined ? "env" : describeSupply(winner)),
        looks: looksOf(own === undefined ? winner?.facts : own.facts),
        shadowed: supplies.filter((supply) => supply !== winner).map(describeSupply),
      };
    }),
    dropped: environment.dropped.map((supply) => ({
      name: supply.name,
      from: describeSupply(supply),
      why: `it is no name of a variable on Kubernetes ${kubernetes}`,
    })),
    missing: environment.missing.map(describeSource),
    missingOptional: environment.missingOptional.map(describeSource),
    unread: [...environment.undecided.map(describeSource), ...(pods === undefined ? ["env of the pods"] : [])],
  };
}

function explicitIn(pods: readonly PodFacts[]): Map<string, { from: string; facts: KeyFacts | undefined }> {
  const found = new Map<string, { from: string; facts: KeyFacts | undefined }>();
  const names = new Set(pods.flatMap((pod) => pod.env.map((variable) => variable.name)));
  for (const name of names) {
    const mine = pods.filter((pod) => pod.env.some((variable) => variable.name === name));
    const variable = mine[0]?.env.find((one) => one.name === name);
    const source = variable?.from;
    const taken = source === undefined ? "" : `, key ${source.key} of ${source.kind} ${source.name}`;
    const who = mine.length === pods.length ? "every pod" : mine.map((pod) => pod.name).join(", ");
    found.set(name, { from: `env of ${who}${taken}`, facts: variable?.facts });
  }
  return found;
}

function describeSupply({ source, key }: Supply): string {
  return `${describeSource(source)}, key ${key}`;
}

const FORMS: Readonly<Record<NonNullable<KeyFacts["form"]>, string>> = {
  "aws-key-id": "an AWS key id",
  "aws-temporary-key-id": "a temporary AWS key id",
  "gcs-hmac-id": "a Google HMAC key id",
  "aws-other-id": "an AWS id that is no key",
  secret: "a secret",
  "service-account-json": "JSON of a Google service account",
};

function looksOf(facts: KeyFacts | undefined): string[] {
  if (facts === undefined) return [];
  if (facts.unread) return ["not read"];
  return [count(facts.bytes, "byte"), ...(facts.form === undefined ? [] : [FORMS[facts.form]]), ...facts.shape];
}
