import type { Snapshot } from "../collect/snapshot/schema.ts";
import type { FactKey, Facts } from "../domain/facts.ts";
import type { Source } from "../domain/report.ts";
import type { Unknown } from "../domain/known.ts";
import type { App } from "../ports.ts";
import { USUAL_CHECKS } from "./choose-checks.ts";
import type { Look } from "./look.ts";

/** What every `doctor --save` reads, unless `--only` or `--skip` leaves its checks out. */
const ALWAYS_READ: ReadonlySet<FactKey> = new Set(USUAL_CHECKS.asked.flatMap(({ needs }) => needs));

/** Looks at saved facts as if it were the time when they were saved. */
export function looksAtSnapshot(app: App, { targets, flags, takenAt }: Snapshot): Look[] {
  for (const { target } of targets) if (target.cluster !== undefined) app.redactor.allow(target.cluster);
  return targets.map(({ target, facts }, i): Look => {
    const all: Facts = { ...facts, inputs: notSaved("inputs") };
    return {
      target,
      flags,
      answers: i === 0 ? ["cluster", "inputs"] : ["cluster"],
      now: new Date(takenAt),
      facts: (keys) =>
        Promise.resolve(Object.fromEntries(keys.map((key) => [key, all[key] ?? notSaved(key)])) as Facts),
    };
  });
}

/** A snapshot of a cluster can never hold files, and what was read with `--thorough` alone need not be there. */
function notSaved(key: FactKey): Unknown {
  const origin = { via: "snapshot", ref: key } as const;
  if (key === "inputs")
    return { state: "unknown", why: "not-given", detail: "saved facts are of a cluster, not of files", origin };
  if (ALWAYS_READ.has(key)) return { state: "unknown", why: "not-collected", detail: "it was not saved", origin };
  const detail = "it was not saved; doctor --save --thorough saves it";
  return { state: "unknown", why: "not-given", detail, origin };
}

export function snapshotSource({ context, takenAt }: Snapshot, file: string): Source {
  return { mode: "snapshot", context, paths: [file], takenAt };
}
