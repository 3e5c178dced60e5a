import { isNamespaceName, isObjectName } from "../../names.ts";
import { kindOfKey } from "./condition-key.ts";
import { issuerHost, parseProviderArn } from "./provider-arn.ts";
import { SESSION_TAGS } from "./pod-identity-keys.ts";
import { contextOf, valuesOf, type Lookup, type RequestContext } from "./request-context.ts";
import { STRANGER } from "./stranger.ts";
import { parseSubject, subjectOf } from "./subject.ts";
import type { TrustPolicy, TrustStatement } from "./trust-statement.ts";
import type { ServiceAccountName, TrustRequest } from "./trust-types.ts";

/** A policy before and after a change, and the statements in which they differ. */
export interface Change {
  readonly before: TrustPolicy;
  readonly after: TrustPolicy;
  readonly gone: readonly TrustStatement[];
  readonly come: readonly TrustStatement[];
}

/** Of a list that is long these many are tried: it has no other kinds of values. */
const MOST = 60;
const FEW = 10;
const TAG = "aws:RequestTag/";
const AUDIENCE = "sts.amazonaws.com";

/**
 * Who else could ask: every subject, issuer and audience that the policy names, what fits its patterns, and strangers;
 * as they look to the policy before the change and after.
 */
export function otherAskers(change: Change, context: RequestContext): [RequestContext, RequestContext][] {
  const { before, after } = change;
  const requests =
    context.request.mechanism === "irsa"
      ? [...webIdentities(change, context), ...podsOf(context)]
      : [...podIdentities(change, context), ...tokensOf(change, context)];
  const asked = requests.map((request): [RequestContext, RequestContext] => [
    contextOf(request, before),
    contextOf(request, after),
  ]);
  const user = userOf(change, context);
  return [...asked, [user, user]];
}

/** Requests by token of everyone but the one who asks. */
function webIdentities(change: Change, context: RequestContext): TrustRequest[] {
  const { request, issuer = "", account, partition } = context;
  const own = valuesOf(context.lookup(`${issuer}:sub`))[0] ?? "";
  const audiences = valuesOf(context.lookup(`${issuer}:aud`));
  const values = namedIn(change, isClaim);
  const named = values.slice(0, MOST).map((text) => text.replaceAll("*", "\uffff1").replaceAll("?", "\uffff"));
  const asker = parseSubject(own) ?? STRANGER;
  const strangers = [
    STRANGER,
    { ...asker, serviceAccount: STRANGER.serviceAccount },
    { ...asker, namespace: STRANGER.namespace },
  ];
  const subs = [...new Set([own, ...named, ...strangers.map(subjectOf), "\uffff"])];
  const issuers = [...new Set([issuer, ...issuersIn(change), "\uffff.example"])].slice(0, FEW);
  const auds = [...new Set([...audiences, ...named.filter((text) => !text.startsWith("system:")), "\uffff"])].slice(
    0,
    FEW,
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

/** Values that the policy asks of some keys: first what one side has and the other lacks, then the rest of the changed. */
function namedIn({ before, after, gone, come }: Change, about: (key: string) => boolean): string[] {
  const named = (statements: readonly TrustStatement[]): string[] =>
    statements.flatMap(({ tests }) =>
      tests.flatMap(({ key, values }) => (about(key) ? values.map(({ text }) => text) : [])),
    );
  const [old, fresh] = [new Set(named(gone)), new Set(named(come))];
  const differ = [...[...old].filter((text) => !fresh.has(text)), ...[...fresh].filter((text) => !old.has(text))];
  return [...new Set([...differ, ...old, ...named(before.statements), ...named(after.statements)])];
}

/** Issuers that the policy names, those of the changed statements first. */
function issuersIn({ before, after, gone, come }: Change): string[] {
  const statements = [...gone, ...come, ...before.statements, ...after.statements];
  const found = statements.flatMap(({ principal, tests }) => [
    ...(principal?.entries ?? []).flatMap(({ text }) => parseProviderArn(text)?.issuer ?? []),
    ...tests.flatMap(({ key }) => {
      const kind = kindOfKey(key, undefined);
      return kind.kind === "other" && kind.issuer !== "" ? [kind.issuer] : [];
    }),
  ]);
  return [...new Set(found.map(issuerHost))];
}

/** Pods that come by EKS Pod Identity, beside a request by token. */
function podsOf({ request, subject = STRANGER, account, partition }: RequestContext): TrustRequest[] {
  return [subject, STRANGER].map((pod) => ({
    ...request,
    mechanism: "pod-identity",
    issuer: undefined,
    account,
    partition,
    subject: pod,
    claims: {},
  }));
}

/** Pods that come by token, beside a request by Pod Identity. */
function tokensOf(change: Change, { request, subject = STRANGER, account, partition }: RequestContext): TrustRequest[] {
  return issuersIn(change)
    .slice(0, FEW)
    .flatMap((issuer) =>
      [subject, STRANGER].map((pod): TrustRequest => ({
        ...request,
        mechanism: "irsa",
        issuer,
        account,
        partition,
        subject: pod,
        claims: { aud: AUDIENCE },
      })),
    );
}

/** Any user or role that the policy names: it brings no claims, and what else it brings is not known. */
function userOf({ before, after }: Change, context: RequestContext): RequestContext {
  const named = [...before.statements, ...after.statements].flatMap(({ principal }) => principal?.entries ?? []);
  const principals = named.flatMap(({ kind, text }) => (kind === "AWS" ? [text] : []));
  const lookup = (key: string): Lookup =>
    isClaim(key)
      ? { state: "absent", because: "users and roles have no claims" }
      : { state: "unknown", because: "it is any user or role" };
  return { ...context, kind: "AWS", actions: ["sts:AssumeRole"], principals, lookup };
}

/** Requests by Pod Identity of everyone but the one who asks. */
function podIdentities(change: Change, context: RequestContext): TrustRequest[] {
  const { request, subject = STRANGER, account, partition } = context;
  const named = (tag: string): string[] =>
    namedIn(change, (key) => key.toLowerCase() === `${TAG}${tag}`.toLowerCase()).map((text) =>
      text.replaceAll("*", "\uffff").replaceAll("?", "\uffff"),
    );
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
