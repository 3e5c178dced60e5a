import {
  describeSource,
  refOfSource,
  type EffectiveEnvironment,
  type EnvFromSource,
} from "../../domain/env/effective.ts";
import { CREDENTIAL_KEYS, isNearMiss, REQUIRED_KEYS } from "../../domain/env/static-keys.ts";
import { finding, type Finding } from "../../domain/finding.ts";
import { writeKeys } from "../../domain/fixes.ts";
import { sentenceList } from "../../domain/text.ts";
import type { Verdict } from "../define.ts";

/** The names of values by themselves: one half of a key pair is of no use, and a misspelt name is never read. */
export function looseKeys(environments: readonly EffectiveEnvironment[], namespace: string): Verdict {
  const judged = environments.flatMap((environment) => {
    const source = Object.values(environment.variables).find(({ from }) => from !== undefined)?.from?.source;
    return source === undefined ? [] : [{ names: Object.keys(environment.variables), source }];
  });
  const found = judged.flatMap(({ names, source }) => judge(names, source, namespace));
  if (found.length > 0) return found;
  const holders = judged.filter(({ names }) => names.some((name) => isCredential(name)));
  return holders.length === 0 ? { skip: "no name of an S3 credential is among the values" } : [];
}

function judge(names: readonly string[], source: EnvFromSource, namespace: string): Finding[] {
  const subject = refOfSource(source, namespace);
  const what = describeSource(source);
  const missed = CREDENTIAL_KEYS.flatMap((wanted) => {
    const near = names.find((name) => isNearMiss(name, wanted) && !isCredential(name));
    return names.includes(wanted) || near === undefined ? [] : [{ wanted, near }];
  });
  const found = missed.map(({ wanted, near }) =>
    finding("k8s.key-near-miss", "error", subject, `${what} has no ${wanted}, but a near miss: ${near}`, {
      evidence: [{ label: "variable", want: wanted, has: near, path: `/data/${near}` }],
      fixes: [writeKeys(undefined, subject, namespace)],
    }),
  );
  const half = REQUIRED_KEYS.filter((key) => !names.includes(key) && !missed.some(({ wanted }) => wanted === key));
  if (half.length !== 1) return found;
  const [other] = REQUIRED_KEYS.filter((key) => !half.includes(key));
  const message = `${what} has ${other} and no ${sentenceList(half)}: one is of no use without the other`;
  return [
    ...found,
    finding("k8s.expected-keys-missing", "error", subject, message, {
      evidence: [{ label: "variable", want: half[0] ?? "", has: "not set", path: `/data/${other}` }],
      fixes: [writeKeys(undefined, subject, namespace)],
    }),
  ];
}

function isCredential(name: string): boolean {
  return (CREDENTIAL_KEYS as readonly string[]).includes(name);
}
