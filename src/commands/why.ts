import { CHECKS } from "../checks/index.ts";
import type { Code } from "../domain/finding.ts";
import { UserError, type ExitCode } from "../domain/errors.ts";
import { candidatesInLog } from "../domain/why/match.ts";
import type { Explained, Verdict } from "../domain/why/verdict.ts";
import { printable } from "../domain/text.ts";
import { renderWhy, whyDocument } from "../report/why.ts";
import type { App } from "../ports.ts";
import type { ClusterOptions } from "./options.ts";
import { parseOutputs, printOutputs, type OutputOptions } from "./outputs.ts";

export interface WhyOptions extends ClusterOptions, OutputOptions {
  /** The text, or `-` for standard input. */
  readonly error?: string;
}

/** Starts from a symptom, an error text or an object of the cluster, and ranks what may be behind it. Changes nothing. */
export async function why(subject: string | undefined, options: WhyOptions, app: App): Promise<ExitCode> {
  const outputs = await parseOutputs(options, ["human", "json"], app);
  const verdict = await explain(subject, options, app);
  const exitCode: ExitCode = verdict.candidates.length > 0 || verdict.healthy ? 0 : 5;
  const style = await app.terminal.style("out");
  await printOutputs(app, outputs, (format) =>
    format === "json" ? whyDocument(verdict, exitCode) : renderWhy(verdict, style),
  );
  return exitCode;
}

async function explain(subject: string | undefined, options: WhyOptions, app: App): Promise<Verdict> {
  if (subject !== undefined && options.error !== undefined)
    throw new UserError("usage", `name ${printable(subject)} or give --error, not both`);
  if (subject !== undefined) {
    const { explainObject } = await import("./why-object.ts");
    return app.terminal.during("looking", () => explainObject(subject, options, app));
  }
  if (options.error === undefined) {
    throw new UserError("usage", "there is no symptom", {
      hint: "antfly-creds why --error TEXT, why --error - for standard input, why pod/NAME or why backup/NAME",
    });
  }
  const text = options.error === "-" ? await pipedText(app) : options.error;
  if (text.trim() === "") throw new UserError("no-input", "the error text is empty");
  return {
    subject: "this text",
    candidates: candidatesInLog(text, options.namespace).map(withCode),
    healthy: false,
    unknown: [],
    hint: "antfly-creds doctor looks at the whole cluster; antfly-creds why pod/NAME starts from one pod",
  };
}

async function pipedText(app: App): Promise<string> {
  const hint = "kubectl logs POD | antfly-creds why --error -, or the text itself after --error";
  return new TextDecoder("utf-8").decode(await app.terminal.readStdin({ hint, endOnly: true }));
}

export function withCode(candidate: Omit<Explained, "code">): Explained {
  return { ...candidate, code: codeOf(candidate) };
}

/** Of several checks that find a cause, the one that the next command asks. */
function codeOf({ cause, next }: Pick<Explained, "cause" | "next">): Code | undefined {
  const finding = CHECKS.filter((check) => check.causes.includes(cause));
  return (finding.find(({ code }) => next.includes(code)) ?? finding[0])?.code;
}
