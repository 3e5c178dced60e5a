import { isNamespaceName, isObjectName } from "../../names.ts";
import { decide } from "./decide.ts";
import { judgeStatement } from "./judge-statement.ts";
import { kindOfKey } from "./condition-key.ts";
import { issuerHost, parseProviderArn } from "./provider-arn.ts";
import { SESSION_TAGS } from "./pod-identity-keys.ts";
import { contextOf, valuesOf, type RequestContext } from "./request-context.ts";
import { STRANGER } from "./stranger.ts";
import { parseSubject, subjectOf } from "./subject.ts";
import type { TrustPolicy, TrustStatement } from "./trust-statement.ts";
import type { ServiceAccountName, TrustRequest } from "./trust-types.ts";

/** Values of a list that are tried; a longer list has no other kinds of them. */
const MOST = 200;
const TAG = "aws:RequestTag/";

/**
 * Whether a change of the policy leaves the verdict of everyone else as it was. Asked with every subject, issuer and
 * audience that the changed statements name, with what fits their patterns, and with strangers.
 */
export function isNeutral(before: TrustPolicy, after: TrustPolicy, context: RequestContext): boolean {
  const changed = [...unlike(before, after), ...unlike(after, before)];
  const asked =
    context.request.mechanism === "irsa" ? webIdentities(changed, context) : podIdentities(changed, context);
  return asked.every((request) => {
    const [asker, later] = [contextOf(request, before), contextOf(request, after)];
    const same =
      matching(unlike(before, after), before, asker) === "" && matching(unlike(after, before), after, later) === "";
    if (same) return true;
    const was = decide(before, asker).decision;
    // A policy that IAM would refuse says nothing of what anyone had.
    return was === "unknown" || was === decide(after, later).decision;
  });
}

/** Statements of one policy that the other does not have. */
function unlike(policy: TrustPolicy, other: TrustPolicy): TrustStatement[] {
  const there = new Set(other.statements.map(content));
  return policy.statements.filter((statement) => !there.has(content(statement)));
}

function content({ effect, principal, actions, tests }: TrustStatement): string {
  return JSON.stringify([
    effect,
    principal?.not,
    principal?.entries.map(({ kind, text }) => [kind, text]),
    actions?.not,
    actions?.items.map(({ text }) => text),
    tests.map(({ written, key, values }) => [written, key, values.map(({ text }) => text)]),
  ]);
}

/** Those of the statements that may have a say about the request. */
function matching(statements: readonly TrustStatement[], { variables }: TrustPolicy, asker: RequestContext): string {
  return statements
    .filter((statement) => judgeStatement(statement, asker, variables).matches !== "false")
    .map(({ path }) => path)
    .join(" ");
}

/** Requests by token of everyone but the one who asks. */
function webIdentities(statements: readonly TrustStatement[], context: RequestContext): TrustRequest[] {
  const { request, issuer = "", account, partition } = context;
  const own = valuesOf(context.lookup(`${issuer}:sub`))[0] ?? "";
  const audiences = valuesOf(context.lookup(`${issuer}:aud`));
  const values = statements.flatMap(({ tests }) => tests.flatMap((test) => (isClaim(test.key) ? test.values : [])));
  const named = values.slice(0, MOST).map(({ text }) => text.replaceAll("*", "\uffff1").replaceAll("?", "\uffff"));
  const asker = parseSubject(own) ?? STRANGER;
  const strangers = [
    STRANGER,
    { ...asker, serviceAccount: STRANGER.serviceAccount },
    { ...asker, namespace: STRANGER.namespace },
  ];
  const subs = [...new Set([own, ...named, ...strangers.map(subjectOf), "\uffff"])];
  const issuers = [...new Set([issuer, ...issuersIn(statements).filter((one) => one !== ""), "\uffff.example"])].slice(
    0,
    20,
  );
  const auds = [...new Set([...audiences, ...named.filter((text) => !text.startsWith("system:")), "\uffff"])].slice(
    0,
    20,
  );
  // Of this issuer there are ServiceAccounts alone, where the one who asks is one.
  const kubernetes = parseSubject(own) !== undefined;
  const made = new Set([...strangers.map(subjectOf), "\uffff"]);
  const exists = (sub: string): boolean => !kubernetes || made.has(sub) || isServiceAccount(sub);
  return issuers.flatMap((other) =>
    subs
      .filter((sub) => other !== issuer || (sub !== own && exists(sub)))
      .flatMap((sub) =>
        auds.map((aud) => ({
          ...request,
          account,
          partition,
          issuer: other,
          subject: undefined,
          claims: { ...request.claims, sub, aud },
        })),
      ),
  );
}

/** What the API server takes as names; what stands for a wildcard may be anything. */
function isServiceAccount(sub: string): boolean {
  const named = parseSubject(sub.replaceAll("\uffff", "x"));
  return named !== undefined && isNamespaceName(named.namespace) && isObjectName(named.serviceAccount);
}

function isClaim(key: string): boolean {
  return kindOfKey(key, undefined).kind === "other";
}

function issuersIn(statements: readonly TrustStatement[]): string[] {
  return statements.flatMap(({ principal, tests }) => [
    ...(principal?.entries ?? []).flatMap(({ text }) => issuerHost(parseProviderArn(text)?.issuer ?? "")),
    ...tests.flatMap(({ key }) => {
      const kind = kindOfKey(key, undefined);
      return kind.kind === "other" && kind.issuer !== "" ? [issuerHost(kind.issuer)] : [];
    }),
  ]);
}

/** Requests by Pod Identity of everyone but the one who asks. */
function podIdentities(statements: readonly TrustStatement[], context: RequestContext): TrustRequest[] {
  const { request, subject = STRANGER, account, partition } = context;
  const named = (tag: string): string[] =>
    statements
      .flatMap(({ tests }) => tests)
      .filter(({ key }) => key.toLowerCase() === `${TAG}${tag}`.toLowerCase())
      .flatMap(({ values }) => values.map(({ text }) => text.replaceAll("*", "\uffff").replaceAll("?", "\uffff")));
  const namespaces = [...new Set([subject.namespace, ...named("kubernetes-namespace"), STRANGER.namespace])].slice(
    0,
    30,
  );
  const accounts = [
    ...new Set([subject.serviceAccount, ...named("kubernetes-service-account"), STRANGER.serviceAccount]),
  ].slice(0, 30);
  const [own] = valuesOf(context.lookup(`${TAG}eks-cluster-arn`));
  const clusters =
    own === undefined ? [undefined] : [own, ...named("eks-cluster-arn").slice(0, 10), "arn:aws:eks:::cluster/\uffff"];
  return namespaces.flatMap((namespace) =>
    accounts.flatMap((serviceAccount) =>
      clusters
        .filter(
          (cluster) => cluster !== own || namespace !== subject.namespace || serviceAccount !== subject.serviceAccount,
        )
        .map((cluster) => ({
          ...request,
          account,
          partition,
          subject: undefined,
          claims: tagsOf(request, { namespace, serviceAccount }, cluster),
        })),
    ),
  );
}

function tagsOf(
  { claims }: TrustRequest,
  { namespace, serviceAccount }: ServiceAccountName,
  cluster: string | undefined,
): TrustRequest["claims"] {
  const others = Object.entries(claims).filter(
    ([name]) => !SESSION_TAGS.some((tag) => name.toLowerCase() === `${TAG}${tag}`.toLowerCase()),
  );
  return {
    ...Object.fromEntries(others),
    [`${TAG}kubernetes-namespace`]: namespace,
    [`${TAG}kubernetes-service-account`]: serviceAccount,
    ...(cluster === undefined ? {} : { [`${TAG}eks-cluster-arn`]: cluster }),
  };
}
