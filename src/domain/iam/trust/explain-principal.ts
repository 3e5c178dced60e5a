import { nearest, shortList } from "../../text.ts";
import { federatedFault, type FederatedFault } from "./explain-federated.ts";
import { markDifference } from "./mark-difference.ts";
import { parseProviderArn } from "./provider-arn.ts";
import { POD_IDENTITY_SERVICE, type RequestContext } from "./request-context.ts";
import { trustFinding } from "./trust-finding.ts";
import type { TrustPolicy, TrustPrincipal, TrustStatement } from "./trust-statement.ts";
import type { TrustFinding } from "./trust-types.ts";

export interface PrincipalFault {
  readonly finding: TrustFinding;
  /** The statement is for somebody else, and may well be right for them. */
  readonly other: boolean;
}

/** A deleted user or role: IAM puts its unique id where its ARN was (IAM User Guide, "IAM identifiers"). */
const STALE = /^A(?:ROA|IDA|GPA|IPA|NPA)[A-Z0-9]{12,}$/;

export function isStaleId(text: string): boolean {
  return STALE.test(text);
}

/** Why `Principal` of a statement is not the one who asks. */
export function principalFault(
  statement: TrustStatement,
  policy: TrustPolicy,
  context: RequestContext,
): PrincipalFault {
  const { principal, path } = statement;
  if (principal === undefined || principal.not) return excluded(principal, path);
  return context.request.mechanism === "irsa"
    ? federatedPrincipal(principal, policy, context)
    : servicePrincipal(principal);
}

function excluded(principal: TrustPrincipal | undefined, path: string): PrincipalFault {
  const message = "the statement leaves out the one who asks: NotPrincipal names it";
  return { finding: trustFinding("irsa.trust-json", "error", principal?.path ?? path, message), other: false };
}

/** Which of several providers comes closest. */
const NEAREST: readonly string[] = [
  "irsa.federated-host-typo",
  "irsa.federated-wrong-account",
  "irsa.federated-wrong-partition",
  "irsa.federated-not-arn",
  "irsa.issuer-mismatch",
];

function federatedPrincipal(principal: TrustPrincipal, policy: TrustPolicy, context: RequestContext): PrincipalFault {
  const faults = principal.entries
    .filter(({ kind }) => kind === "Federated")
    .map((entry) => ({ entry, fault: federatedFault(entry, context) }))
    .sort((a, b) => NEAREST.indexOf(a.fault.cause) - NEAREST.indexOf(b.fault.cause));
  const [nearestOne] = faults;
  if (nearestOne === undefined) return noWebIdentity(principal, context);
  const { entry, fault } = nearestOne;
  const marked = fault.want === undefined || fault.other ? undefined : markDifference(entry.text, fault.want);
  const { cause, severity, message } = fault.other
    ? otherIssuer(policy, fault, context)
    : { ...fault, severity: "critical" as const };
  const finding = trustFinding(cause, severity, entry.path, message, { want: fault.want, has: entry.text, marked });
  return { finding, other: fault.other };
}

/** A role that trusts several clusters already lacks one more; one that trusts a single one has mostly the old one. */
function otherIssuer(
  policy: TrustPolicy,
  { cause, message }: FederatedFault,
  { issuer = "this issuer" }: RequestContext,
): { cause: string; severity: "critical" | "error"; message: string } {
  const issuers = policy.statements
    .filter(({ effect }) => effect === "Allow")
    .flatMap(({ principal }) => principal?.entries ?? [])
    .flatMap(({ kind, text }) => (kind === "Federated" ? (parseProviderArn(text)?.issuer ?? []) : []));
  const distinct = [...new Set(issuers)];
  if (distinct.length < 2) return { cause, severity: "critical", message: `${message}, ${issuer}` };
  const trusts = `the role trusts ${distinct.length} other issuers (${shortList(distinct, 2)})`;
  return { cause: "irsa.multi-cluster", severity: "error", message: `${trusts}, and not that of this cluster` };
}

function noWebIdentity(principal: TrustPrincipal, { principals }: RequestContext): PrincipalFault {
  const texts = principal.entries.map(({ text }) => text);
  const want = principals?.[0];
  const misplaced = principal.entries.find(({ text }) => parseProviderArn(text) !== undefined);
  if (texts.length > 0 && texts.every(isStaleId)) {
    const message = `the statement trusts ${shortList(texts)}, a user or role that was deleted, and no web identity`;
    const finding = trustFinding("irsa.principal-stale-id", "error", principal.path, message, { want, has: texts[0] });
    return { finding, other: true };
  }
  const message =
    misplaced === undefined
      ? `the statement trusts ${shortList(texts)}, and no web identity: that takes a Federated principal`
      : `the provider stands under ${misplaced.kind}, where it is nobody; it belongs under Federated`;
  const finding = trustFinding("irsa.trust-service-principal", "critical", misplaced?.path ?? principal.path, message, {
    want,
    has: texts.join(", "),
  });
  return { finding, other: misplaced === undefined };
}

function servicePrincipal(principal: TrustPrincipal): PrincipalFault {
  const services = principal.entries.filter(({ kind }) => kind === "Service");
  const near = services.find(({ text }) => nearest(text, [POD_IDENTITY_SERVICE]) !== undefined);
  const misplaced = principal.entries.find(({ text }) => text === POD_IDENTITY_SERVICE);
  const texts = principal.entries.map(({ text }) => text);
  const has = near?.text ?? texts.join(", ");
  const message =
    misplaced === undefined
      ? `the statement trusts ${shortList(texts)}, and not the service ${POD_IDENTITY_SERVICE}, which asks for the pods`
      : `${POD_IDENTITY_SERVICE} stands under ${misplaced.kind}; it belongs under Service`;
  const finding = trustFinding("epi.trust-principal", "critical", (near ?? misplaced ?? principal).path, message, {
    want: POD_IDENTITY_SERVICE,
    has,
    marked: near === undefined ? undefined : markDifference(near.text, POD_IDENTITY_SERVICE),
  });
  return { finding, other: near === undefined && misplaced === undefined };
}
