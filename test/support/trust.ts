import { judgeTrustPolicy } from "../../src/domain/iam/trust/judge-trust-policy.ts";
import { readTrustPolicy } from "../../src/domain/iam/trust/read-trust-policy.ts";
import type { TrustDocument } from "../../src/domain/iam/trust/trust-document.ts";
import type { TrustReport, TrustRequest } from "../../src/domain/iam/trust/trust-types.ts";

/** The cluster's issuer, that of another cluster, and the role's account. */
export const ISSUER = "oidc.eks.us-east-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";
export const OTHER = "oidc.eks.us-east-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
export const ACCOUNT = "123456789012";
export const AUDIENCE = "sts.amazonaws.com";
export const SUB = "system:serviceaccount:production:antfly-sa";
export const WEB = "sts:AssumeRoleWithWebIdentity";
export const arnOf = (issuer: string, partition = "aws", account = ACCOUNT): string =>
  `arn:${partition}:iam::${account}:oidc-provider/${issuer}`;

export type Conditions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** `sub`, `aud` and other plain words stand for claims of the issuer. */
export function condition(tests: Conditions, issuer = ISSUER): Conditions {
  const keys = (under: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(under).map(([key, value]) => [/^\w+$/.test(key) ? `${issuer}:${key}` : key, value]),
    );
  return Object.fromEntries(Object.entries(tests).map(([operator, under]) => [operator, keys(under)]));
}

export interface Statement {
  Effect: string;
  Principal: unknown;
  Action: unknown;
  Condition?: unknown;
  [more: string]: unknown;
}

/** A statement that trusts the cluster's provider, with other parts where they are given. */
export function allow(tests: Conditions | undefined, more: Readonly<Record<string, unknown>> = {}): Statement {
  return {
    Effect: "Allow",
    Principal: { Federated: arnOf(ISSUER) },
    Action: WEB,
    ...(tests === undefined ? {} : { Condition: condition(tests) }),
    ...more,
  };
}

export function deny(tests: Conditions | undefined, more: Readonly<Record<string, unknown>> = {}): Statement {
  return { ...allow(tests, more), Effect: "Deny" };
}

/** The statement that is just right. */
export const GOOD = allow({ StringEquals: { aud: AUDIENCE, sub: SUB } });

export function policyOf(...statements: readonly unknown[]): object {
  return { Version: "2012-10-17", Statement: statements };
}

/** @throws Error where the text cannot be judged */
export function read(policy: unknown): TrustDocument {
  const reading = readTrustPolicy(typeof policy === "string" ? policy : JSON.stringify(policy, undefined, 2));
  if (!("document" in reading)) throw new Error(reading.problem);
  return reading.document;
}

export const REQUEST: TrustRequest = {
  mechanism: "irsa",
  issuer: `https://${ISSUER}`,
  subject: { namespace: "production", serviceAccount: "antfly-sa" },
  claims: { aud: AUDIENCE },
  withoutClaims: [],
  account: ACCOUNT,
  partition: undefined,
};

export function judge(policy: unknown, request: Partial<TrustRequest> = {}): TrustReport {
  return judgeTrustPolicy(read(policy), { ...REQUEST, ...request });
}

/** `severity cause path`, the cause of the decision first. */
export function said(report: TrustReport): string[] {
  return report.findings.map(({ severity, cause, path }) =>
    `${severity} ${cause.replace(/^irsa\./, "")} ${short(path)}`.trim(),
  );
}

/** A path without what every path has. */
function short(path: string): string {
  return path
    .replaceAll(ISSUER.replaceAll("/", "~1"), "I")
    .replaceAll(OTHER.replaceAll("/", "~1"), "O")
    .replace("/Statement/", "")
    .replace(/\/Condition(?=\/|$)/, "");
}
