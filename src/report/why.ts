import type { Verdict } from "../domain/why/verdict.ts";
import type { Style } from "../domain/style.ts";
import { describeGrant } from "../domain/grant.ts";
import { printable } from "../domain/text.ts";

export const WHY_SCHEMA = "antfly-creds.why/v1";

const LABEL_WIDTH = 8;

export function whyDocument({ subject, candidates, healthy, unknown, hint }: Verdict, exitCode: number): object {
  return {
    schema: WHY_SCHEMA,
    subject,
    healthy,
    candidates: candidates.map(({ cause, code, confidence, because, next }) => ({
      cause,
      code: code ?? null,
      confidence,
      because,
      next,
    })),
    unknown: unknown.map(({ what, why, grant }) => ({
      what,
      why,
      grant: grant === undefined ? null : describeGrant(grant),
    })),
    hint,
    exitCode,
  };
}

/** Ranked causes for people; an honest line where there is none. */
export function renderWhy({ subject, candidates, healthy, unknown, hint }: Verdict, { paint }: Style): string {
  const lines: string[] = [];
  const detail = (label: string, text: string): void => {
    lines.push(`   ${paint.dim(label.padEnd(LABEL_WIDTH))} ${printable(text)}`);
  };
  if (candidates.length === 0)
    lines.push(
      healthy
        ? `Nothing is wrong with ${printable(subject)}, as far as can be seen.`
        : `No known cause fits ${printable(subject)}.`,
    );
  candidates.forEach(({ cause, code, confidence, because, next }, i) => {
    const sure = { high: paint.green, medium: paint.yellow, low: paint.dim }[confidence](confidence);
    lines.push(`${i + 1}. ${paint.bold(printable(cause))}  ${sure}`);
    detail("because", because);
    detail("next", next);
    if (code !== undefined) detail("more", `antfly-creds explain ${code}`);
  });
  for (const { what, why } of unknown)
    lines.push(`${paint.yellow("?")}  ${printable(what)}: could not tell: ${printable(why)}`);
  if (candidates.every(({ confidence }) => confidence === "low")) lines.push(printable(hint));
  return `${lines.join("\n")}\n`;
}
