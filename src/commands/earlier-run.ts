import * as z from "zod/mini";

import { toKnown } from "../collect/collector.ts";
import { parseMetadata } from "../collect/objects/schemas.ts";
import { UserError } from "../domain/errors.ts";
import { READ_NOTE } from "../domain/grants.ts";
import { known } from "../domain/known.ts";
import type { Plan } from "../domain/plan.ts";
import { CONFIG_MAP } from "../domain/resources.ts";
import { shell } from "../domain/shell.ts";
import { printable } from "../domain/text.ts";
import type { App, Kube, KubeObject } from "../ports.ts";
import { orThrow, permissionsIn } from "./or-throw.ts";

/** What a run that was cut off had set out to do. */
export interface Note {
  readonly name: string;
  readonly uid: string;
  readonly run: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly steps: readonly NotedStep[];
}

const steps = z.array(
  z.object({
    title: z.string(),
    do: z.string(),
    arn: z.optional(z.string()),
    email: z.optional(z.string()),
    account: z.optional(z.string()),
    project: z.optional(z.string()),
  }),
);
export type NotedStep = z.infer<typeof steps>[number];

/**
 * The note that an earlier run has left, if one was cut off.
 * @throws UserError when something else has its name
 */
export async function readNote(
  kube: Kube,
  namespace: string,
  name: string,
  ...rights: readonly string[]
): Promise<Note | undefined> {
  const ref = `ConfigMap ${name}`;
  const fact = await toKnown(ref, READ_NOTE, async () => {
    const object = await kube.get(CONFIG_MAP, namespace, name);
    parseMetadata(object["metadata"]);
    return known(object, { via: "kube", ref });
  });
  if (fact.state === "absent") return undefined;
  const object = orThrow(fact, permissionsIn(kube, ...rights));
  const note = noteIn(object);
  if (note !== undefined) return note;
  throw new UserError(
    "not-a-note",
    `ConfigMap ${namespace}/${name} is not of this tool, and has the name of its note`,
    {
      hint: shell`kubectl get configmap ${name} -n ${namespace} -o yaml ${kube.flags}`,
    },
  );
}

function noteIn(object: KubeObject): Note | undefined {
  const { name, uid, labels } = parseMetadata(object["metadata"]);
  const { run, startedAt, steps: list } = (object["data"] ?? {}) as Record<string, unknown>;
  if (labels?.["app.kubernetes.io/managed-by"] !== "antfly-creds") return undefined;
  if (typeof run !== "string" || typeof startedAt !== "string" || typeof list !== "string") return undefined;
  try {
    return { name, uid: uid ?? "", run, startedAt, steps: z.parse(steps, JSON.parse(list)) };
  } catch {
    return undefined;
  }
}

/**
 * What is to be said of something that a step of that run has made, that is there, and that serves nobody now; undefined
 * where there is no such thing.
 */
export type LeftBy = (step: NotedStep, note: Note) => Promise<string | undefined>;

/** Names what a run that was cut off may have left, and says what becomes of it. */
export async function tellEarlierRun(note: Note | undefined, plan: Plan, leftBy: LeftBy, app: App): Promise<void> {
  if (note === undefined) return;
  const lines: string[] = [];
  for (const step of note.steps) {
    const isPlanned = plan.steps.some(({ title }) => title === step.title);
    const becomes = (await leftBy(step, note)) ?? (isPlanned ? "not done" : "done, or no longer needed");
    lines.push(`  ${printable(step.title)}: ${becomes}\n`);
  }
  app.terminal.err(
    `note: a run that began at ${printable(note.startedAt)} was cut off, or is still at work. It had set out to:\n${lines.join("")}`,
  );
}
