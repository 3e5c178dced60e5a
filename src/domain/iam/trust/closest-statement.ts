import { editDistance } from "../../text.ts";
import { kindOfKey } from "./condition-key.ts";
import { principalFault } from "./explain-principal.ts";
import type { StatementVerdict } from "./judge-statement.ts";
import { valuesOf, type RequestContext } from "./request-context.ts";
import type { TrustPolicy } from "./trust-statement.ts";

/** Longer values say nothing of how near they come. */
const LONGEST = 300;

/** The Allow that comes closest to the request; undefined where there is none. */
export function closestAllow(
  verdicts: readonly StatementVerdict[],
  policy: TrustPolicy,
  context: RequestContext,
): StatementVerdict | undefined {
  return verdicts
    .filter(({ statement }) => statement.effect === "Allow")
    .map((verdict) => ({ verdict, far: distance(verdict, policy, context) }))
    .sort((a, b) => a.far - b.far || (contentOf(a.verdict) < contentOf(b.verdict) ? -1 : 1))[0]?.verdict;
}

/** Of statements that come equally near it is the same one, in whatever order they stand. */
function contentOf({ statement: { principal, actions, tests } }: StatementVerdict): string {
  const texts = [...(principal?.entries ?? []), ...(actions?.items ?? [])].map(({ text }) => text);
  const asked = tests.flatMap(({ written, key, values }) => values.map(({ text }) => `${written} ${key} ${text}`));
  return [...texts, ...asked].toSorted().join("\n");
}

/** How much would have to change: a statement for somebody else is farther off than any number of slips. */
function distance(verdict: StatementVerdict, policy: TrustPolicy, context: RequestContext): number {
  let far = verdict.matches === "true" ? 0 : 1;
  if (verdict.principal === "false")
    far += principalFault(verdict.statement, policy, context).other ? otherPrincipal(verdict) : 30;
  far += 20 * verdict.actions.filter((truth) => truth === "false").length;
  for (const { test, truth } of verdict.tests) {
    if (truth === "unknown") far += 5;
    if (truth !== "false") continue;
    const key = kindOfKey(test.key, context.issuer);
    far += 10 + (key.kind === "own" && key.claim === "sub" ? subDistance(test.values, context) : 0);
  }
  return far;
}

/** A provider of another cluster is nearer than a service. */
function otherPrincipal({ statement }: StatementVerdict): number {
  return statement.principal?.entries.some(({ kind }) => kind === "Federated") === true ? 100 : 1000;
}

/** Below 1 in proportion to the letters that differ. */
function subDistance(values: readonly { readonly text: string }[], context: RequestContext): number {
  const [sub = ""] = valuesOf(context.lookup(`${context.issuer}:sub`));
  const near = values.slice(0, 50).map(({ text }) => (text.length > LONGEST ? LONGEST : editDistance(text, sub)));
  return Math.min(LONGEST, ...near) / (LONGEST + 1);
}
