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

/** Values that are tried; a longer list has no other kinds of them. */
const MOST = { subs: 60, issuers: 8, audiences: 6, names: 12, clusters: 4 };
const TAG = "aws:RequestTag/";

/**
 * Whether a change of the policy leaves the verdict of everyone else as it was. Asked with every subject, issuer and
 * audience that the changed statements name, with what fits their patterns, and with strangers.
 */
export function isNeutral(before: TrustPolicy, after: TrustPolicy, context: RequestContext): boolean {
  // Those that change come first: of the others what is beyond the limit is left out.
  const changed = [...unlike(before, after), ...unlike(after, before), ...before.statements];
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

/** Each once, the first of them. */
function some(texts: readonly string[], most: number): string[] {
  return [...new Set(texts.filter((text) => text !== ""))].slice(0, most);
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
  const named = values.map(({ text }) => text.replaceAll("*", "\uffff1").replaceAll("?", "\uffff"));
  const asker = parseSubject(own) ?? STRANGER;
  const strangers = [
    STRANGER,
    { ...asker, serviceAccount: STRANGER.serviceAccount },
    { ...asker, namespace: STRANGER.namespace },
  ];
  const subs = some([own, ...strangers.map(subjectOf), "\uffff", ...named], MOST.subs);
  const issuers = some([issuer, "\uffff.example", ...issuersIn(statements)], MOST.issuers);
  const auds = some([...audiences, "\uffff", ...named.filter((text) => !text.startsWith("system:"))], MOST.audiences);
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
  const namespaces = some([subject.namespace, STRANGER.namespace, ...named("kubernetes-namespace")], MOST.names);
  const accounts = some(
    [subject.serviceAccount, STRANGER.serviceAccount, ...named("kubernetes-service-account")],
    MOST.names,
  );
  const [own] = valuesOf(context.lookup(`${TAG}eks-cluster-arn`));
  const clusters =
    own === undefined
      ? [undefined]
      : some([own, "arn:aws:eks:::cluster/\uffff", ...named("eks-cluster-arn")], MOST.clusters);
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
