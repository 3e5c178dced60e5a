import { editDistance } from "../../text.ts";
import { codePoint, markDifference } from "./mark-difference.ts";
import { parseSubject, subjectOf } from "./subject.ts";
import { trustFinding } from "./trust-finding.ts";
import type { TrustTest, TrustText } from "./trust-statement.ts";
import type { ServiceAccountName, TrustFinding } from "./trust-types.ts";

/** Whose token it is. */
export interface Asker {
  readonly sub: string;
  readonly subject: ServiceAccountName | undefined;
  readonly audiences: readonly string[];
}

/** Causes of a `sub` that is not the asker's, the one that comes closest to it first. */
const ORDER = [
  "irsa.sub-case",
  "irsa.sub-format",
  "irsa.stringequals-wildcard",
  "irsa.aud-under-sub-key",
  "irsa.sub-namespace",
  "irsa.sub-serviceaccount",
];

/** Why the values of a test on `sub` do not take the asker; that of the value which comes closest. */
export function subFaults(test: TrustTest, asker: Asker): TrustFinding[] {
  const ranked = test.values
    .map((value) => ({ value, causes: causesOf(value.text, test, asker), far: editDistance(value.text, asker.sub) }))
    .sort((a, b) => rank(a.causes, a.far) - rank(b.causes, b.far));
  const [best] = ranked;
  if (best === undefined) {
    const message = "the condition names nobody: its list is empty";
    return [trustFinding("irsa.sub-serviceaccount", "critical", test.path, message, { want: asker.sub, has: "" })];
  }
  // A list that names others is right for them; it lacks one.
  const lacking = test.values.length > 1 && best.causes.every((cause) => cause.startsWith("irsa.sub-s"));
  const path = lacking ? test.path : best.value.path;
  return best.causes.map((cause) => findingOf(cause, best.value, path, test, asker));
}

function rank(causes: readonly string[], far: number): number {
  return far / 10_000 + causes.length * 10 + ORDER.indexOf(causes[0] ?? "");
}

function causesOf(text: string, { operator }: TrustTest, { sub, subject, audiences }: Asker): string[] {
  const like = operator?.name.endsWith("Like") === true;
  if (!like && /[*?]/.test(text)) return ["irsa.stringequals-wildcard"];
  if (text.toLowerCase() === sub.toLowerCase()) return ["irsa.sub-case"];
  if (audiences.includes(text) || /^sts\.amazon/i.test(text)) return ["irsa.aud-under-sub-key"];
  if (subject === undefined) return ["irsa.sub-serviceaccount"];
  if (strangeIn(text) !== undefined) return ["irsa.sub-format"];
  const [, namespace, serviceAccount] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(text) ?? [];
  if (namespace === undefined || serviceAccount === undefined || text.trim() !== text) return ["irsa.sub-format"];
  const differ = {
    "irsa.sub-namespace": namespace !== subject.namespace,
    "irsa.sub-serviceaccount": serviceAccount !== subject.serviceAccount,
  };
  if (like && /[*?]/.test(text)) return partsThatDiffer(text, subject);
  return Object.entries(differ).flatMap(([cause, wrong]) => (wrong ? [cause] : []));
}

/** The first character that no name in Kubernetes has, and that may look like one that it has, or like none. */
function strangeIn(text: string): string | undefined {
  return /[^ -~]/u.exec(text)?.[0];
}

/** Of a pattern that does not fit: which of its parts is to blame. */
function partsThatDiffer(pattern: string, subject: ServiceAccountName): string[] {
  const written = parseSubject(pattern);
  const same = (part: string, name: string): boolean => /[*?]/.test(part) || part === name;
  if (written === undefined) return ["irsa.sub-format"];
  const causes = [
    ...(same(written.namespace, subject.namespace) ? [] : ["irsa.sub-namespace"]),
    ...(same(written.serviceAccount, subject.serviceAccount) ? [] : ["irsa.sub-serviceaccount"]),
  ];
  return causes.length === 0 ? ["irsa.sub-serviceaccount"] : causes;
}

function findingOf(cause: string, value: TrustText, path: string, test: TrustTest, asker: Asker): TrustFinding {
  const comparable = !/wildcard|aud-under/.test(cause);
  return trustFinding(cause, "critical", path, messageOf(cause, value.text, test, asker), {
    want: asker.sub,
    has: value.text,
    marked: comparable ? markDifference(value.text, asker.sub) : undefined,
  });
}

function messageOf(cause: string, text: string, { written }: TrustTest, { sub, subject }: Asker): string {
  const who =
    subject === undefined ? `subject ${sub}` : `ServiceAccount ${subject.namespace}/${subject.serviceAccount}`;
  const named = parseSubject(text);
  switch (cause) {
    case "irsa.sub-case":
      return `the policy writes ${who} with other capital letters, and values are compared exactly`;
    case "irsa.sub-format": {
      const strange = strangeIn(text);
      if (strange !== undefined)
        return `the policy's subject has the character ${codePoint(strange)} in it, and no ServiceAccount's name has`;
      return `the policy's subject is no ServiceAccount: that has the form system:serviceaccount:NAMESPACE:NAME`;
    }
    case "irsa.stringequals-wildcard":
      return `${written} takes * and ? for plain characters, so that nobody has this subject; name each ServiceAccount, or use StringLike`;
    case "irsa.aud-under-sub-key":
      return "the audience stands under :sub, where the ServiceAccount belongs";
    case "irsa.sub-namespace":
      return `the policy trusts ServiceAccounts of namespace ${named?.namespace ?? text}, and not ${who}`;
    default:
      return named === undefined
        ? `the policy trusts ${text}, and not ${who}`
        : `the policy trusts ServiceAccount ${named.serviceAccount}, and not ${who}`;
  }
}

/** The `sub` of an asker who is a ServiceAccount, else of the claim. */
export function askerOf(
  subject: ServiceAccountName | undefined,
  claimed: string | undefined,
  audiences: readonly string[],
): Asker {
  return { sub: claimed ?? (subject === undefined ? "" : subjectOf(subject)), subject, audiences };
}
