import { interrupted } from "../domain/errors.ts";
import type { Plan, Receipt, Step, StepKind, StepOf } from "../domain/plan.ts";
import { CloudError, KubeError } from "../ports.ts";
import { applyAccount } from "./account-steps.ts";
import { createAssociation } from "./aws-association-steps.ts";
import { addClientId, createProvider } from "./aws-provider-steps.ts";
import { changeTrust, createRole, writeRolePolicy } from "./aws-role-steps.ts";
import { patchAccount, patchBackup, patchCluster } from "./cluster-steps.ts";
import { writeFile, writeSecretFile } from "./file-steps.ts";
import { bindBucket } from "./google-bucket-steps.ts";
import { bindAccount, createAccount } from "./google-account-steps.ts";
import { enableMetadata, enablePool } from "./google-cluster-steps.ts";
import { waitForExternalSecret } from "./external-secret-steps.ts";
import type { StepHandler, Workshop } from "./handler.ts";
import { openJournal, removeJournal, type Journal } from "./journal.ts";
import { applyObject } from "./object-steps.ts";
import { createSecret, patchSecret } from "./secret-steps.ts";

const HANDLERS: { readonly [K in StepKind]: StepHandler<K> } = {
  "secret.create": createSecret,
  "secret.patch": patchSecret,
  "cluster.patch": patchCluster,
  "backup.patch": patchBackup,
  "object.apply": applyObject,
  "external-secret.wait": waitForExternalSecret,
  "service-account.apply": applyAccount,
  "aws.provider.create": createProvider,
  "aws.provider.add-client": addClientId,
  "aws.role.create": createRole,
  "aws.role.trust": changeTrust,
  "aws.role.policy": writeRolePolicy,
  "aws.association.create": createAssociation,
  "service-account.patch": patchAccount,
  "google.pool.enable": enablePool,
  "google.metadata.enable": enableMetadata,
  "google.account.create": createAccount,
  "google.account.bind": bindAccount,
  "google.bucket.bind": bindBucket,
  "journal.remove": removeJournal,
  "file.write": writeFile,
  "file.secret": writeSecretFile,
};

export type Event =
  | { readonly what: "done" | "unclear" | "kept"; readonly step: Step }
  | { readonly what: "undone"; readonly step: Step; readonly besides: string | undefined }
  | { readonly what: "left"; readonly step: Step; readonly why: string }
  /** All is over, and the note of this run could not be removed. */
  | { readonly what: "note"; readonly namespace: string; readonly name: string; readonly why: string };

/**
 * How a plan ended: all of it, none of it, or something is left that a person has to look at. `unclear` is a step of
 * which nobody knows whether it took effect; `left` are steps that were done and stayed.
 */
export type Outcome =
  | { readonly state: "done"; readonly receipts: readonly Receipt[] }
  | { readonly state: "rolled-back"; readonly error: unknown; readonly undone: readonly Step[] }
  | {
      readonly state: "stuck";
      readonly error: unknown;
      readonly unclear: Step | undefined;
      readonly left: readonly Step[];
    };

interface Done {
  readonly step: Step;
  readonly receipt: Receipt;
}

/**
 * Has every step checked without making it.
 * @throws KubeError or UserError of the first step that would be refused
 */
export async function previewPlan(plan: Plan, shop: Workshop): Promise<void> {
  for (const step of plan.steps) await handler(step).preview(step, shop);
}

/**
 * Carries the steps out one after another. On a failure or an interruption it takes back what was done, newest first.
 * The step that runs is always waited for: a write that was sent is not abandoned. When nobody can tell whether a step
 * took effect nothing is taken back, because it may stand on the ones before it.
 */
export function runPlan(
  plan: Plan,
  shop: Workshop,
  signal: AbortSignal,
  tell: (event: Event) => void,
): Promise<Outcome> {
  const work = async (): Promise<Outcome> => {
    let journal: Journal | undefined;
    try {
      for (const step of plan.steps) if (handler(step).previewAgain === true) await handler(step).preview(step, shop);
      if (signal.aborted) throw interrupted("interrupted");
      if (shop.journal !== undefined) journal = await openJournal(plan, shop.journal, shop);
    } catch (error) {
      return { state: "rolled-back", error, undone: [] };
    }
    const outcome = await carryOutSteps(plan.steps, shop, signal, tell);
    if (outcome.state !== "stuck") await journal?.close().catch((error: unknown) => tell(noteLeft(plan, shop, error)));
    return outcome;
  };
  const clients = [shop.kube, shop.aws, shop.google].filter((client) => client !== undefined);
  return clients.reduceRight((inner, client) => () => client.shielded(inner), work)();
}

async function carryOutSteps(
  steps: readonly Step[],
  shop: Workshop,
  signal: AbortSignal,
  tell: (event: Event) => void,
): Promise<Outcome> {
  const done: Done[] = [];
  for (const step of steps) {
    if (signal.aborted) return takeBack(done, interrupted("interrupted"), shop, tell);
    try {
      const made = await applyOrFind(step, shop);
      done.push({ step, receipt: { step: step.id, at: shop.app.now().toISOString(), made } });
    } catch (error) {
      return error instanceof Unclear ? stop(step, done, error.cause, tell) : takeBack(done, error, shop, tell);
    }
    tell({ what: "done", step });
  }
  return { state: "done", receipts: done.map(({ receipt }) => receipt) };
}

function noteLeft({ target: { namespace } }: Plan, { journal = "" }: Workshop, error: unknown): Event {
  return { what: "note", namespace, name: journal, why: wordsOf(error) };
}

/** A call without an answer may have taken effect, and what it made must not be forgotten. */
class Unclear extends Error {}

async function applyOrFind(step: Step, shop: Workshop): Promise<Receipt["made"]> {
  try {
    return await handler(step).apply(step, shop);
  } catch (error) {
    if (!mayHaveTakenEffect(error)) throw error;
    const unclear = new Unclear("no answer, and no second look", { cause: error });
    let found: Receipt["made"] | undefined;
    try {
      found = await handler(step).find(step, shop);
    } catch {
      throw unclear;
    }
    if (found !== undefined) return found;
    // A server that was too slow to answer may still be at it.
    throw isCallError(error) && error.failure === "timeout" ? unclear : error;
  }
}

function mayHaveTakenEffect(error: unknown): boolean {
  return isCallError(error) && ["unreachable", "timeout", "malformed", "server-error"].includes(error.failure);
}

function isCallError(error: unknown): error is KubeError | CloudError {
  return error instanceof KubeError || error instanceof CloudError;
}

function stop(unclear: Step, done: readonly Done[], error: unknown, tell: (event: Event) => void): Outcome {
  tell({ what: "unclear", step: unclear });
  const left = changesOf(done).map(({ step }) => step);
  for (const step of left) tell({ what: "kept", step });
  return { state: "stuck", error, unclear, left };
}

function changesOf(done: readonly Done[]): readonly Done[] {
  return done.filter(({ step }) => handler(step).looksOnly !== true);
}

async function takeBack(
  done: readonly Done[],
  error: unknown,
  shop: Workshop,
  tell: (event: Event) => void,
): Promise<Outcome> {
  const undone: Step[] = [];
  const left: Step[] = [];
  for (const { step, receipt } of changesOf(done).toReversed()) {
    try {
      const besides = (await handler(step).undo(step, receipt, shop)) ?? undefined;
      undone.push(step);
      tell({ what: "undone", step, besides });
    } catch (failure) {
      left.push(step);
      tell({ what: "left", step, why: wordsOf(failure) });
    }
  }
  return left.length === 0
    ? { state: "rolled-back", error, undone }
    : { state: "stuck", error, unclear: undefined, left };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : "it could not be undone";
}

/** The handler of a step's own kind; the map's type guarantees the match that the compiler cannot follow. */
function handler<K extends StepKind>(step: StepOf<K>): StepHandler<K> {
  return HANDLERS[step.do];
}
