import type { Decision } from "./decide.ts";
import type { StatementVerdict } from "./judge-statement.ts";
import { valuesOf, type RequestContext } from "./request-context.ts";
import { or } from "./truth.ts";
import type { TrustRow, TrustStatementTable } from "./trust-types.ts";

/** A statement part by part: what it asks for, what the request has, and whether that fits. */
export function tableOf(
  verdict: StatementVerdict,
  context: RequestContext,
  { actions }: Decision,
  closest: boolean,
): TrustStatementTable {
  const { statement, matches } = verdict;
  const { index, sid, effect, path } = statement;
  const rows = [effectRow(verdict), principalRow(verdict, context), actionRow(verdict, context, actions)];
  return { index, sid, effect, path, matches, closest, rows: [...rows, ...testRows(verdict, context)] };
}

function effectRow({ statement: { effect, effectGuessed, path } }: StatementVerdict): TrustRow {
  return {
    part: "effect",
    path: `${path}/Effect`,
    label: "Effect",
    want: [effect],
    has: undefined,
    truth: effectGuessed ? "unknown" : "true",
    because: effectGuessed ? "it is not written so" : undefined,
  };
}

function principalRow({ statement, principal: truth }: StatementVerdict, { principals }: RequestContext): TrustRow {
  const { principal, path } = statement;
  const texts = principal?.any === true ? ["*"] : (principal?.entries.map(({ text }) => text) ?? []);
  return {
    part: "principal",
    path: principal?.path ?? path,
    label: principal?.not === true ? "NotPrincipal" : "Principal",
    want: texts,
    has: principals?.slice(0, 1),
    truth,
    because: principal === undefined ? "it cannot be read" : undefined,
  };
}

function actionRow(
  { statement, actions: truths }: StatementVerdict,
  { actions: needed }: RequestContext,
  decided: Decision["actions"],
): TrustRow {
  const { actions, path } = statement;
  const missing = needed.filter((_, i) => truths[i] === "false");
  // What another statement allows is not missing here.
  const lacking =
    statement.effect === "Allow" &&
    decided.some(({ action, allowed }) => allowed !== "true" && missing.includes(action));
  return {
    part: "action",
    path: actions?.path ?? path,
    label: actions?.not === true ? "NotAction" : "Action",
    want: actions?.items.map(({ text }) => text) ?? [],
    has: needed,
    truth: lacking ? "false" : or(truths),
    because: missing.length > 0 && missing.length < needed.length ? `without ${missing.join(", ")}` : undefined,
  };
}

function testRows({ tests }: StatementVerdict, context: RequestContext): TrustRow[] {
  return tests.map(({ test, truth, because }): TrustRow => {
    const found = context.lookup(test.key);
    return {
      part: "condition",
      path: test.path,
      label: test.key === "" ? test.written : `${test.written} ${test.key}`,
      want: test.values.map(({ text }) => text),
      has: found.state === "values" ? valuesOf(found) : undefined,
      truth,
      because,
    };
  });
}
