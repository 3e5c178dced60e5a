import type { Ref } from "../finding.ts";
import type { Known } from "../known.ts";
import type { KeyFacts } from "../values/classify.ts";
import { isEnvName } from "./env-name.ts";

/** One entry of an `envFrom` list. */
export interface EnvFromSource {
  readonly kind: "Secret" | "ConfigMap";
  readonly name: string;
  readonly prefix: string;
  readonly optional: boolean;
  /** Place in the list, from 0; undefined for what is no list. */
  readonly index?: number;
  /** A file of `NAME=value` lines that is to become a Secret; `name` is its path. */
  readonly envFile?: boolean;
}

/** An explicit `env` entry; only its name matters here, it beats whatever `envFrom` brings. */
export interface ExplicitVariable {
  readonly name: string;
}

/** Which key of which source a variable comes from. */
export interface Supply {
  readonly source: EnvFromSource;
  readonly key: string;
  readonly facts: KeyFacts;
}

export interface Variable {
  readonly name: string;
  /** Undefined when an explicit `env` entry supplies it. */
  readonly from: Supply | undefined;
  /** What lost against `from`, in list order. */
  readonly shadowed: readonly Supply[];
}

export interface EffectiveEnvironment {
  /** Who has this environment, e.g. `metadata` or `AntflyBackup/nightly`. */
  readonly of: string;
  readonly variables: Readonly<Record<string, Variable>>;
  /** Keys whose (prefixed) name is no valid variable name on this server: no container gets them. */
  readonly dropped: readonly (Supply & { readonly name: string })[];
  /** Required sources that are not there: the container cannot start. */
  readonly missing: readonly EnvFromSource[];
  /** Optional sources that are not there: the container starts without them. */
  readonly missingOptional: readonly EnvFromSource[];
  /** Sources that could not be read: what they supply is unknown. */
  readonly undecided: readonly EnvFromSource[];
}

/** What a source holds, by kind and name. */
export type SourceContent = (source: EnvFromSource) => Known<Readonly<Record<string, KeyFacts>>>;

/**
 * The environment a container gets when it starts now, by the kubelet's rules (Kubernetes, `makeEnvironmentVariables`):
 * sources in list order, `prefix` before the name is judged, the last source wins, an explicit `env` entry beats them
 * all, an absent optional source is passed over.
 */
export function effectiveEnvironment(
  of: string,
  envFrom: readonly EnvFromSource[],
  env: readonly ExplicitVariable[],
  content: SourceContent,
  kubernetesMinor: number,
): EffectiveEnvironment {
  const supplies = new Map<string, Supply[]>();
  const dropped: (Supply & { name: string })[] = [];
  const missing: EnvFromSource[] = [];
  const missingOptional: EnvFromSource[] = [];
  const undecided: EnvFromSource[] = [];

  for (const source of envFrom) {
    const keys = content(source);
    if (keys.state === "unknown") undecided.push(source);
    else if (keys.state === "absent") (source.optional ? missingOptional : missing).push(source);
    else {
      for (const [key, facts] of Object.entries(keys.value)) {
        const name = source.prefix + key;
        if (isEnvName(name, kubernetesMinor)) {
          const earlier = supplies.get(name);
          if (earlier === undefined) supplies.set(name, [{ source, key, facts }]);
          else earlier.push({ source, key, facts });
        } else dropped.push({ source, key, facts, name });
      }
    }
  }

  const explicit = new Set(env.map((variable) => variable.name));
  const variables: Record<string, Variable> = Object.create(null) as Record<string, Variable>;
  for (const [name, list] of supplies) {
    variables[name] = explicit.has(name)
      ? { name, from: undefined, shadowed: list }
      : { name, from: list.at(-1), shadowed: list.slice(0, -1) };
  }
  for (const name of explicit) variables[name] ??= { name, from: undefined, shadowed: [] };
  return { of, variables, dropped, missing, missingOptional, undecided };
}

/** Every source was read and is there (or is optional): what is not among the variables is certainly not set. */
export function isComplete(environment: EffectiveEnvironment): boolean {
  return environment.missing.length === 0 && environment.undecided.length === 0;
}

/** An optional Secret is not there: what it should bring is not set, and the container starts all the same. */
export function lacksOptionalSecret(environment: EffectiveEnvironment): boolean {
  return environment.missingOptional.some((source) => source.kind === "Secret");
}

/** `Secret backup-credentials`, with its prefix when it has one. */
export function describeSource({ kind, name, prefix, envFile }: EnvFromSource): string {
  const what = envFile === true ? name : `${kind} ${name}`;
  return prefix === "" ? what : `${what} (prefix ${prefix})`;
}

/** The object that a source is. */
export function refOfSource(
  { kind, name, envFile }: Pick<EnvFromSource, "kind" | "name" | "envFile">,
  namespace: string,
): Ref {
  return envFile === true ? { kind: "File", name } : { kind, namespace, name };
}
