import { isBuiltInProvider, parseProviderArn, providerArn } from "./provider-arn.ts";
import { isOwnClaim, kindOfKey } from "./condition-key.ts";
import { judgeAction, judgeStatement } from "./judge-statement.ts";
import { podIdentityBreadth } from "./pod-identity-breadth.ts";
import { subBreadth } from "./sub-breadth.ts";
import { POD_IDENTITY_SERVICE, type Lookup, type RequestContext } from "./request-context.ts";
import { STRANGER } from "./stranger.ts";
import { subjectOf } from "./subject.ts";
import { trustFinding } from "./trust-finding.ts";
import type { TrustPolicy, TrustStatement } from "./trust-statement.ts";
import type { TrustFinding } from "./trust-types.ts";

const WEB = "sts:AssumeRoleWithWebIdentity";

/** Where the policy trusts more than it needs to, whoever asks. */
export function breadthOf(policy: TrustPolicy, context: RequestContext): TrustFinding[] {
  return policy.statements
    .filter(({ effect, effectGuessed }) => effect === "Allow" && !effectGuessed)
    .flatMap((statement) => statementBreadth(statement, policy, context));
}

function statementBreadth(statement: TrustStatement, policy: TrustPolicy, context: RequestContext): TrustFinding[] {
  const { principal, actions } = statement;
  if (principal === undefined || actions === undefined || principal.not) return [];
  // A condition that cannot be read may be the one that narrows it.
  if (statement.tests.some(({ operator }) => operator === undefined)) return [];
  const found: TrustFinding[] = [];
  if (judgeAction(actions, WEB) === "true") {
    const issuers = issuersOf(statement, context);
    found.push(...issuers.flatMap((issuer) => webBreadth(statement, issuer, policy, context)));
    if (principal.any && issuers.length > 0) found.push(anyPrincipal(statement));
  }
  const service = principal.any || principal.entries.some(({ text }) => text === POD_IDENTITY_SERVICE);
  if (service && context.request.mechanism === "pod-identity" && judgeAction(actions, "sts:AssumeRole") === "true")
    found.push(...podIdentityBreadth(statement, policy));
  return found;
}

/** Issuers whose tokens the statement takes. */
function issuersOf({ principal }: TrustStatement, { issuer }: RequestContext): string[] {
  if (principal?.any === true) return issuer === undefined ? [] : [issuer];
  const entries = principal?.entries.filter(({ kind }) => kind === "Federated") ?? [];
  const issuers = entries.flatMap(
    ({ text }) => parseProviderArn(text)?.issuer ?? (isBuiltInProvider(text) ? text : []),
  );
  return [...new Set(issuers)];
}

function anyPrincipal({ principal }: TrustStatement): TrustFinding {
  const message =
    "the principal is *: whoever any OIDC provider of the account vouches for, and everyone else, is let in as far as the conditions go; name the provider";
  return trustFinding("irsa.principal-wildcard", "warning", principal?.path ?? "", message, { has: "*" });
}

/** How wide a statement is for the tokens of one issuer. */
function webBreadth(
  statement: TrustStatement,
  issuer: string,
  policy: TrustPolicy,
  context: RequestContext,
): TrustFinding[] {
  const { tests, path } = statement;
  const takes = (sub: string, aud: string | undefined): boolean => {
    const asker = tokenOf(issuer, sub, aud, context);
    const denied = policy.statements.some(
      (other) => other.effect === "Deny" && judgeStatement(other, asker, policy.variables).matches === "true",
    );
    return !denied && judgeStatement(statement, asker, policy.variables).matches !== "false";
  };
  const anyone = takes(subjectOf(STRANGER), undefined);
  if (tests.length === 0 && anyone) {
    const message = `no condition: every token of ${issuer} may take the role, whosever it is`;
    const fix = `add a condition on ${issuer}:sub and ${issuer}:aud`;
    return [trustFinding("irsa.condition-missing", "critical", path, message, { fix })];
  }
  const found = modifiers(statement, issuer);
  const sub = subBreadth(statement, issuer, (subject) => takes(subject, undefined), context);
  const [first] = sub;
  const vacuous = first?.cause === "irsa.sub-missing" && found.some(({ cause }) => cause === "irsa.forallvalues");
  if (!vacuous) found.push(...sub);
  // Without a subject the audience is no matter.
  if (first?.cause === "irsa.sub-missing") return found;
  const someone = [...subjectsIn(statement, issuer), STRANGER_SUB].find((one) => takes(one, undefined));
  if (someone !== undefined && takes(someone, "\uffffaudience")) found.push(audienceMissing(path, issuer));
  return found;
}

const STRANGER_SUB = subjectOf(STRANGER);

function audienceMissing(path: string, issuer: string): TrustFinding {
  const message = `no condition on the audience: a token of ${issuer} that was made for another service than AWS is taken too`;
  const fix = `add "${issuer}:aud": "sts.amazonaws.com" under StringEquals`;
  return trustFinding("irsa.aud-missing", "warning", `${path}/Condition`, message, { want: "sts.amazonaws.com", fix });
}

/** Subjects that the statement names, and one for each of its patterns. */
function subjectsIn({ tests }: TrustStatement, issuer: string): string[] {
  return tests
    .filter(({ key }) => isOwnClaim(key, "sub", issuer))
    .flatMap(({ values }) => values.slice(0, 50).map(({ text }) => text.replaceAll("*", "x").replaceAll("?", "x")));
}

/** A token of the issuer; without an audience that is not known. What else there is, is not known either. */
function tokenOf(issuer: string, sub: string, aud: string | undefined, context: RequestContext): RequestContext {
  const open: Lookup = { state: "unknown", because: "it is any request" };
  const lookup = (key: string): Lookup => {
    const kind = kindOfKey(key, issuer);
    if (kind.kind === "aws") return context.issuer === issuer ? context.lookup(key) : open;
    if (kind.kind === "other") return { state: "absent", because: "it is a claim of another issuer" };
    if (kind.claim === "sub") return { state: "values", values: [sub] };
    if (kind.claim === "aud")
      return aud === undefined ? { state: "present", because: "any" } : { state: "values", values: [aud] };
    return context.issuer === issuer ? context.lookup(key) : open;
  };
  const { account, partition } = context;
  const arn = providerArn({ partition: partition ?? "aws", account: account ?? "", issuer });
  return {
    ...context,
    request: { ...context.request, mechanism: "irsa" },
    kind: "Federated",
    issuer,
    actions: [WEB],
    principals: [arn, issuer],
    lookup,
  };
}

/** `ForAllValues:` and `IfExists` on claims that every token has once: they hold where the key is misspelt too. */
function modifiers({ tests }: TrustStatement, issuer: string): TrustFinding[] {
  return tests.flatMap(({ operator, written, key, path }) => {
    const kind = kindOfKey(key, issuer);
    if (operator === undefined || kind.kind === "aws") return [];
    if (kind.kind === "own" && kind.claim === "amr") return [];
    const plainName = operator.name;
    if (operator.set === "ForAllValues") {
      const message = `${written} holds for every request that does not have ${key}, so a slip in the key lets everyone in; ${plainName} does not`;
      return [trustFinding("irsa.forallvalues", "critical", path, message, { want: plainName, has: written })];
    }
    if (operator.ifExists && operator.set === undefined) {
      const message = `${written} holds for every request that does not have ${key}; ${plainName} does not`;
      return [trustFinding("irsa.ifexists", "warning", path, message, { want: plainName, has: written })];
    }
    return [];
  });
}
