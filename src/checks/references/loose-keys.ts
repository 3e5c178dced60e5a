import {
  describeSource,
  refOfSource,
  type EffectiveEnvironment,
  type EnvFromSource,
} from "../../domain/env/effective.ts";
import { CREDENTIAL_KEYS, isNearMiss, REQUIRED_KEYS } from "../../domain/env/static-keys.ts";
import { edit, finding, type Finding, type Severity } from "../../domain/finding.ts";
import { sentenceList } from "../../domain/text.ts";
import type { Verdict } from "../define.ts";

/** The names of values by themselves: a misspelt one is never read, and one half of a key pair needs the other. */
export function looseKeys(environments: readonly EffectiveEnvironment[], namespace: string): Verdict {
  const holders = environments.flatMap(({ variables }) => {
    const source = Object.values(variables).find(({ from }) => from !== undefined)?.from?.source;
    const names = Object.keys(variables);
    const holds = names.some(isCredential) || isMisspeltPair(names);
    return source !== undefined && holds ? [{ names, source }] : [];
  });
  if (holders.length === 0) return { skip: "no name of an S3 credential is among the values" };
  return holders.flatMap(({ names, source }) => judge(names, source, namespace));
}

function judge(names: readonly string[], source: EnvFromSource, namespace: string): Finding[] {
  const exact = REQUIRED_KEYS.some((key) => names.includes(key));
  // A region alone is nobody's credential, and beside it a SECRET_KEY may be anybody's.
  if (!exact && !isMisspeltPair(names)) return [];
  const subject = refOfSource(source, namespace);
  const what = describeSource(source);
  const missed = CREDENTIAL_KEYS.flatMap((wanted): Missed[] => {
    const near = names.find((name) => isNearMiss(name, wanted) && !isCredential(name));
    return names.includes(wanted) || near === undefined ? [] : [{ wanted, near }];
  });
  const [required, others] = [missed.filter(isRequired), missed.filter((one) => !isRequired(one))];
  const tell = (list: readonly Missed[], severity: Severity): Finding[] => {
    if (list.length === 0) return [];
    const near = list.map((one) => one.near).join(", ");
    const message = `${what} has no ${sentenceList(list.map(({ wanted }) => wanted))}, but ${list.length === 1 ? "a near miss" : "near misses"}: ${near}`;
    const evidence = list.map((one) => ({
      label: "variable",
      want: one.wanted,
      has: one.near,
      path: `/data/${one.near}`,
    }));
    const fixes = list.map((one) => edit(`write ${one.wanted} instead of ${one.near} in ${what}`));
    return [finding("k8s.key-near-miss", severity, subject, message, { evidence, fixes })];
  };
  const found = [
    // Both halves misspelt may be meant for another program.
    ...tell(required, exact ? "error" : "warning"),
    ...tell(others, "warning"),
  ];
  const absent = REQUIRED_KEYS.find((key) => !names.includes(key) && !required.some(({ wanted }) => wanted === key));
  const held = REQUIRED_KEYS.find((key) => names.includes(key));
  if (absent === undefined || held === undefined) return found;
  const message = `${what} has ${held} and no ${absent}: the database needs both, and another source would have to bring it`;
  const evidence = [{ label: "variable", want: absent, has: "not set", path: `/data/${held}` }];
  const fixes = [edit(`add ${absent} to ${what}`)];
  return [...found, finding("k8s.expected-keys-missing", "warning", subject, message, { evidence, fixes })];
}

/** A name that should be there, and the one that is. */
interface Missed {
  readonly wanted: string;
  readonly near: string;
}

function isRequired({ wanted }: Missed): boolean {
  return (REQUIRED_KEYS as readonly string[]).includes(wanted);
}

function isMisspeltPair(names: readonly string[]): boolean {
  return REQUIRED_KEYS.every((wanted) => names.some((name) => isNearMiss(name, wanted)));
}

function isCredential(name: string): boolean {
  return (CREDENTIAL_KEYS as readonly string[]).includes(name);
}
