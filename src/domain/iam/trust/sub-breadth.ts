import { isOwnClaim } from "./condition-key.ts";
import { STRANGER } from "./stranger.ts";
import { subjectOf } from "./subject.ts";
import type { RequestContext } from "./request-context.ts";
import { trustFinding } from "./trust-finding.ts";
import type { TrustStatement, TrustTest, TrustText } from "./trust-statement.ts";
import type { TrustFinding } from "./trust-types.ts";

/** How wide a statement is for the subjects of an issuer. `takes`: may this subject take the role, as far as it is known? */
export function subBreadth(
  { tests, path }: TrustStatement,
  issuer: string,
  takes: (sub: string) => boolean,
  context: RequestContext,
): TrustFinding[] {
  const own = tests.filter(({ key }) => isOwnClaim(key, "sub", issuer));
  const patterns = own.flatMap((test) => patternsOf(test).map((value) => ({ test, value })));
  if (takes("\uffff") || takes(subjectOf(STRANGER))) {
    const wide =
      patterns.find(({ value }) => /^[*?]*$|^system:serviceaccount:[*:?]*$|^system:[*:?]*$/.test(value.text)) ??
      patterns[0];
    if (wide !== undefined) return [broad(wide.value, "critical", `every ServiceAccount of every namespace`, issuer)];
    const message = `no condition on the subject: every token of ${issuer} may take the role, whosever it is`;
    const fix = `add a condition on ${issuer}:sub`;
    return [trustFinding("irsa.sub-missing", "critical", `${path}/Condition`, message, { fix })];
  }
  return patterns.flatMap(({ value }) => patternBreadth(value, issuer, context));
}

/** Values in which wildcards count. */
function patternsOf({ operator, values }: TrustTest): TrustText[] {
  if (operator?.name !== "StringLike") return [];
  return values.filter(({ text }) => /[*?]/.test(text.replace(/\$\{[*?$]\}/g, "")));
}

/** A pattern of ServiceAccounts: which part of it is open. Subjects of other kinds have forms of their own. */
function patternBreadth(value: TrustText, issuer: string, context: RequestContext): TrustFinding[] {
  const { text } = value;
  if (!text.startsWith("system:serviceaccount:")) return [];
  const [namespace = "", ...rest] = text.slice("system:serviceaccount:".length).split(":");
  const serviceAccount = rest.join(":");
  const subject = context.subject;
  const named = subject === undefined ? "" : `; name it: ${subjectOf(subject)}`;
  if (/^\*+$/.test(namespace))
    return [
      broad(value, "critical", `ServiceAccount ${serviceAccount} of every namespace, and whoever may make one`, issuer),
    ];
  if (/[*?]/.test(namespace))
    return [broad(value, "warning", `ServiceAccounts of every namespace like ${namespace}${named}`, issuer)];
  const who = /^\*+$/.test(serviceAccount) ? "every ServiceAccount" : `every ServiceAccount like ${serviceAccount}`;
  return [broad(value, "warning", `${who} of namespace ${namespace}${named}`, issuer)];
}

function broad({ text, path }: TrustText, severity: "critical" | "warning", who: string, issuer: string): TrustFinding {
  return trustFinding("irsa.stringlike-broad", severity, path, `${text} trusts ${who} (${issuer})`, { has: text });
}
