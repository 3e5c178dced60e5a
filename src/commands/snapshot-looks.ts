import type { Snapshot } from "../collect/snapshot/schema.ts";
import type { FactKey, Facts } from "../domain/facts.ts";
import type { Source } from "../domain/report.ts";
import type { Unknown } from "../domain/known.ts";
import type { App } from "../ports.ts";
import type { Look } from "./look.ts";

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

function notSaved(key: FactKey): Unknown {
  const detail =
    key === "inputs"
      ? "saved facts are of a cluster, not of files"
      : "it was not saved; doctor --save --thorough saves it";
  return { state: "unknown", why: "not-given", detail, origin: { via: "snapshot", ref: key } };
}

export function snapshotSource({ context, takenAt }: Snapshot, file: string): Source {
  return { mode: "snapshot", context, paths: [file], takenAt };
}
