import { effectiveEnvironment } from "../domain/env/effective.ts";
import type { FactKey, Facts } from "../domain/facts.ts";
import { absent, known, type Known, type Unknown } from "../domain/known.ts";
import type { Target } from "../domain/report.ts";
import type { LooseValues } from "../collect/inputs/loose-values.ts";
import type { Look } from "./look.ts";

/** A look at facts that are there already; of all others the source can say nothing. */
export function staticLook(
  target: Target,
  facts: Facts,
  options: Pick<Look, "answers" | "flags"> & Partial<Pick<Look, "locate" | "written" | "judgesWritten">>,
): Look {
  const give = (key: FactKey): Known<unknown> => facts[key] ?? notGiven(key, "this says nothing of a cluster");
  return {
    target,
    ...options,
    facts: (keys) => Promise.resolve(Object.fromEntries(keys.map((key) => [key, give(key)])) as Facts),
  };
}

export function notGiven(ref: string, detail: string): Unknown {
  return { state: "unknown", why: "not-given", detail, origin: { via: "file", ref } };
}

/** The facts of values alone: the environment that a container would get of them. */
export function factsOfValues({ holder, source, keys }: LooseValues, minor: number): Facts {
  const origin = { via: "file", ref: holder.name } as const;
  const environment = effectiveEnvironment(holder.name, [source], [], () => known(keys, origin), minor);
  return {
    environments: known([environment], origin),
    cluster: absent(origin),
    backups: absent(origin),
    operator: absent(origin),
    server: known({ version: `v1.${minor}`, minor }, origin),
  };
}
