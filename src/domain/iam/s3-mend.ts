import { editDistance } from "../text.ts";
import type { IdentityPolicy, PolicyProblem, PolicyStatement, PolicyText } from "./policy-types.ts";
import { actionsOfOperation, s3ActionNamed, S3_ACTIONS } from "./s3-actions.ts";
import { arnTrouble } from "./s3-arn.ts";
import { s3List } from "./s3-draft.ts";
import { fitOfActionItem } from "./s3-grants.ts";

/** A policy as it was meant: slips are reported once, and what they lead to is not reported on top. */
export interface Mended {
  readonly policy: IdentityPolicy;
  readonly problems: readonly PolicyProblem[];
}

export function mend(policy: IdentityPolicy): Mended {
  const problems: PolicyProblem[] = [];
  const statements = policy.statements.map((statement): PolicyStatement => {
    const actions = statement.actions.items.flatMap((item) => mendAction(policy, statement, item, problems));
    const resources = concernsS3(statement)
      ? statement.resources.items.map((item) => mendResource(item, problems))
      : statement.resources.items;
    return {
      ...statement,
      actions: { ...statement.actions, items: actions },
      resources: { ...statement.resources, items: resources },
    };
  });
  return { policy: { ...policy, statements }, problems };
}

/** The statement is about S3: it names an action of S3, or all actions, or all but some. */
export function concernsS3({ actions }: PolicyStatement): boolean {
  return actions.not || actions.items.some((item) => /^s3:/i.test(item.text) || /^[*?]/.test(item.text));
}

function mendAction(
  policy: IdentityPolicy,
  statement: PolicyStatement,
  item: PolicyText,
  problems: PolicyProblem[],
): PolicyText[] {
  const name = /^s3:(.*)$/is.exec(item.text)?.[1];
  if (name === undefined || isAction(item, name)) return [item];
  const meant = meantActions(name);
  const path = item.path;
  if (meant === undefined) {
    const message = `s3:${name} is no action of S3 that is known here`;
    problems.push({ cause: "s3.action-unknown", severity: "info", message, path, has: item.text });
    return [item];
  }
  const operation = actionsOfOperation(name) !== undefined;
  const message = operation
    ? `s3:${name} is a call and no action of S3: what governs it is ${s3List(meant)}`
    : `s3:${name} is no action of S3: ${s3List(meant)} was probably meant`;
  // What is allowed anyway is not missing: then the slip is only noise.
  const needless = statement.effect === "Allow" && meant.every((action) => isAllowedAnyway(policy, item, action));
  const severity = statement.effect === "Allow" && !needless ? "error" : "warning";
  const want = meant.map((action) => `s3:${action}`).join(", ");
  problems.push({ cause: "s3.action-unknown", severity, message, path, want, has: item.text, fix: `write ${want}` });
  return meant.map((action) => ({ text: `s3:${action}`, path }));
}

function isAction(item: PolicyText, name: string): boolean {
  if (!/[*?]/.test(name)) return s3ActionNamed(name) !== undefined;
  return [...S3_ACTIONS.keys()].some((action) => fitOfActionItem(item, action) === "yes");
}

function isAllowedAnyway(policy: IdentityPolicy, slip: PolicyText, action: string): boolean {
  return policy.statements.some(
    ({ effect, actions }) =>
      effect === "Allow" &&
      !actions.not &&
      actions.items.some((item) => item !== slip && fitOfActionItem(item, action) === "yes"),
  );
}

/** The actions of the call that was named, or the one nearest in spelling. */
function meantActions(name: string): readonly string[] | undefined {
  const plain = name.replace(/[*?\s]/g, "");
  const operation = actionsOfOperation(name);
  if (operation !== undefined) return operation;
  let least = Math.min(3, Math.max(2, Math.floor(plain.length / 5))) + 1;
  let best: string | undefined;
  for (const action of S3_ACTIONS.keys()) {
    if (Math.abs(action.length - plain.length) >= least) continue;
    const distance = editDistance(plain.toLowerCase(), action.toLowerCase());
    if (distance < least) [best, least] = [action, distance];
  }
  return best === undefined ? undefined : [name.endsWith("*") ? `${best}*` : best];
}

function mendResource(item: PolicyText, problems: PolicyProblem[]): PolicyText {
  const trouble = arnTrouble(item.text);
  if (trouble === undefined) return item;
  const { why: message, want } = trouble;
  problems.push({
    cause: "s3.arn-malformed",
    severity: "error",
    message,
    path: item.path,
    has: item.text,
    ...(want === undefined ? {} : { want, fix: `write ${want}` }),
  });
  return { text: want ?? item.text, path: item.path };
}
