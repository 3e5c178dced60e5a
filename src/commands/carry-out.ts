import type { Workshop } from "../apply/handler.ts";
import { previewPlan, runPlan, type Event, type Outcome } from "../apply/run.ts";
import { UserError } from "../domain/errors.ts";
import type { Plan, Step } from "../domain/plan.ts";
import { shell } from "../domain/shell.ts";
import { printable } from "../domain/text.ts";
import { AwsError, GoogleError, KubeError, type App } from "../ports.ts";
import { planDocument, renderPlan } from "../report/plan.ts";
import { printOutputs, type Output } from "./outputs.ts";
import type { ReportFormat } from "./print-report.ts";

export interface CarryOutOptions {
  readonly dryRun: boolean;
  /** Do not ask. */
  readonly yes: boolean;
  /** The plan writes files only: nobody is asked. */
  readonly filesOnly: boolean;
  readonly outputs: readonly Output<ReportFormat>[];
  /** Printed when there is nothing to do. */
  readonly nothing: string;
  /** Printed after files were written. */
  readonly afterwards: string;
  /** What a dry run has shown. */
  readonly checked?: string;
  /** Prints the rights that the plan takes. */
  readonly printedBy?: string;
}

/**
 * Shows a plan, has the server check it, asks, and carries it out.
 * @returns whether the cluster was, or already is, as planned, so that it is worth another look
 * @throws UserError when it is refused, declined, rolled back (6) or stuck (7)
 */
export async function carryOut(plan: Plan, shop: Workshop, app: App, options: CarryOutOptions): Promise<boolean> {
  const { terminal } = app;
  const changesNothing = options.dryRun || options.filesOnly;
  if (plan.steps.length === 0) {
    terminal.err(options.nothing);
    if (changesNothing) await printPlan(plan, app, options);
    return !changesNothing;
  }
  if (!options.dryRun) terminal.err(`${renderPlan(plan, await terminal.style("err"))}\n\n`);
  const explained = (error: unknown): never => {
    throw asUserError(error, options.printedBy);
  };
  await previewPlan(plan, shop).catch(explained);
  if (options.dryRun) {
    await printPlan(plan, app, options);
    terminal.err(
      `Dry run: ${options.filesOnly ? "no file was written" : (options.checked ?? "the server accepts every step")}; nothing was changed.\n`,
    );
    return false;
  }
  if (!options.yes && !options.filesOnly) await ask(app);
  const outcome = await runPlan(plan, shop, app.signal, (event) => terminal.err(describeEvent(event, shop)));
  if (outcome.state !== "done") throw failed(outcome, options.printedBy);
  if (!options.filesOnly) return true;
  await printPlan(plan, app, options);
  terminal.err(options.afterwards);
  return false;
}

/** Where the cluster stays as it is, the plan is the result. */
async function printPlan(plan: Plan, app: App, { outputs, dryRun }: CarryOutOptions): Promise<void> {
  const style = await app.terminal.style("out");
  const human = dryRun && plan.steps.length > 0 ? `${renderPlan(plan, style)}\n` : "";
  await printOutputs(app, outputs, (format) => (format === "json" ? planDocument(plan, 0) : human));
}

async function ask(app: App): Promise<void> {
  if (!app.terminal.interactive) {
    throw new UserError("no-yes", "refusing to change the cluster without being asked to", {
      hint: "look at the plan above and add --yes",
    });
  }
  if (!(await app.terminal.confirm("Apply this?"))) throw new UserError("declined", "nothing was changed");
}

function describeEvent(event: Event, { kube }: Workshop): string {
  if (event.what === "note") {
    const remove = shell`kubectl delete configmap ${event.name} -n ${event.namespace} ${kube.flags}`;
    return `NOT removed: ConfigMap ${event.namespace}/${event.name}, the note of this run (${printable(event.why)}): ${remove}\n`;
  }
  const title = printable(event.step.title);
  switch (event.what) {
    case "done":
      return `done: ${title}\n`;
    case "undone":
      return `undone: ${title}${event.besides === undefined ? "" : ` (${printable(event.besides)})`}\n`;
    case "unclear":
      return `unclear: ${title} (no answer came, so whether it took effect is not known)\n`;
    case "kept":
      return `kept: ${title} (what is unclear may need it)\n`;
    default:
      return `NOT undone: ${title} (${printable(event.why)})\n`;
  }
}

/** Exit 6: the old state is in force. 7: a person has to look. 130: interrupted, and the old state is in force. */
function failed(outcome: Exclude<Outcome, { state: "done" }>, printedBy: string | undefined): UserError {
  const cause = asUserError(outcome.error, printedBy);
  if (outcome.state === "stuck") {
    const parts = [cause.message];
    if (outcome.unclear !== undefined) parts.push(`whether this took effect is not known: ${outcome.unclear.title}`);
    if (outcome.left.length > 0) parts.push(`not undone: ${titles(outcome.left)}`);
    return new UserError("stuck", parts.join("; "), {
      exit: 7,
      hint: "look at these objects; the same command again goes on from what is there",
    });
  }
  const interruptedByUser = cause.exit === 130;
  const undone = outcome.undone.length === 0 ? "nothing was changed" : "what had been done was undone";
  return new UserError(interruptedByUser ? "interrupted" : "rolled-back", `${cause.message}; ${undone}`, {
    exit: interruptedByUser ? 130 : 6,
    ...(cause.hint === undefined ? {} : { hint: cause.hint }),
  });
}

function titles(steps: readonly Step[]): string {
  return steps.map((step) => step.title).join("; ");
}

/** A refusal of the API server, of AWS or of Google, as the person who gave the command needs it. */
export function asUserError(
  error: unknown,
  printedBy = "antfly-creds permissions CLUSTER --init --secret NAME",
): UserError {
  if (error instanceof UserError) return error;
  if (error instanceof AwsError) return fromAws(error, printedBy);
  if (error instanceof GoogleError) return fromGoogle(error, printedBy);
  if (!(error instanceof KubeError)) throw error;
  const changed = error.failure === "conflict" || error.failure === "invalid";
  const hint =
    error.failure === "forbidden"
      ? `${printedBy} prints what init needs`
      : changed
        ? "the cluster may have changed since it was read; run the command again"
        : undefined;
  return new UserError(error.failure, error.message, {
    exit: error.failure === "invalid" || error.failure === "forbidden" ? 2 : 5,
    ...(hint === undefined ? {} : { hint }),
  });
}

function fromAws({ failure, action, message }: AwsError, printedBy: string): UserError {
  switch (failure) {
    case "no-credentials":
    case "invalid-credentials":
      return new UserError(failure, `AWS does not know who you are: ${message}`, {
        hint: "aws sso login, or --profile NAME of an identity that may change IAM",
      });
    case "denied":
      return new UserError(failure, `your AWS identity is not allowed ${action}: ${message}`, {
        hint: `${printedBy} prints what init needs`,
      });
    case "exists":
    case "limit":
    case "invalid":
      return new UserError(failure, `AWS refused ${action}: ${message}`);
    default:
      return new UserError(failure, `${action} did not succeed: ${message}`, { exit: 5 });
  }
}

function fromGoogle({ failure, action, message }: GoogleError, printedBy: string): UserError {
  switch (failure) {
    case "no-credentials":
    case "invalid-credentials":
      return new UserError(failure, `Google does not know who you are: ${message}`, {
        hint: "gcloud auth application-default login, or GOOGLE_APPLICATION_CREDENTIALS=FILE of an identity that may change IAM",
      });
    case "denied":
      return new UserError(failure, `your Google identity does not have ${action}: ${message}`, {
        hint: `${printedBy} prints what init needs`,
      });
    case "api-off":
    case "exists":
    case "limit":
    case "invalid":
      return new UserError(failure, `Google refused ${action}: ${message}`);
    case "conflict":
      return new UserError(failure, `Google refused ${action}: ${message}`, {
        exit: 5,
        hint: "somebody else may be changing the same thing; run the command again",
      });
    default:
      return new UserError(failure, `${action} did not succeed: ${message}`, { exit: 5 });
  }
}
