import { nearest, sentenceList, shortList } from "../../text.ts";
import { covers, type StatementVerdict } from "./judge-statement.ts";
import { markDifference } from "./mark-difference.ts";
import type { RequestContext } from "./request-context.ts";
import { trustFinding } from "./trust-finding.ts";
import type { TrustFinding } from "./trust-types.ts";

/** Why `Action` of a statement does not hold all that the request needs; undefined where it does. */
export function actionFault(
  { statement, actions }: StatementVerdict,
  context: RequestContext,
): TrustFinding | undefined {
  const missing = context.actions.filter((_, i) => actions[i] === "false");
  const listed = statement.actions;
  if (missing.length === 0 || listed === undefined) return undefined;
  const want = context.actions.join(", ");
  const texts = listed.items.map(({ text }) => text);
  const verb = listed.not ? "leaves out" : "allows";
  if (context.request.mechanism === "pod-identity") {
    const cause = missing.includes("sts:AssumeRole") ? "epi.trust-action" : "epi.trust-no-tagsession";
    const message = `EKS Pod Identity needs ${sentenceList(context.actions)}; the statement ${verb} ${shortList(texts)}`;
    return trustFinding(cause, "critical", listed.path, message, { want, has: texts.join(", ") });
  }
  const near = listed.items.find(({ text }) => nearest(text, context.actions) !== undefined) ?? listed.items[0];
  const wrong = near !== undefined && !listed.not && listed.items.length === 1 ? near : undefined;
  const message = listed.not
    ? `NotAction leaves ${want} out`
    : `a web identity takes a role with ${want}; the statement allows ${shortList(texts)}${purposeOf(texts)}`;
  return trustFinding("irsa.trust-action", "critical", wrong?.path ?? listed.path, message, {
    want,
    has: texts.join(", "),
    marked: wrong === undefined ? undefined : markDifference(wrong.text, want),
  });
}

function purposeOf(texts: readonly string[]): string {
  if (texts.some((text) => covers(text, "sts:AssumeRole"))) return ", which is for users, roles and services";
  return texts.some((text) => covers(text, "sts:AssumeRoleWithSAML")) ? ", which is for SAML" : "";
}
