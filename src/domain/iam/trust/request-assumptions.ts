import { parseEksIssuer, parseProviderArn, partitionOfRegion } from "./provider-arn.ts";
import type { TrustPolicy } from "./trust-statement.ts";
import type { TrustRequest } from "./trust-types.ts";

/** What the request did not say and was found elsewhere. */
export interface Assumptions {
  readonly account: string | undefined;
  readonly partition: string | undefined;
  /** A line each, for the report. */
  readonly assumed: readonly string[];
}

/**
 * Account and partition of the role. The issuer of an EKS cluster says which partition it is of; the account stands in
 * the policy's own providers, that of this issuer first.
 */
export function assume(request: TrustRequest, issuer: string | undefined, policy: TrustPolicy): Assumptions {
  const assumed: string[] = [];
  const providers = policy.statements
    .flatMap(({ principal }) => principal?.entries ?? [])
    .flatMap(({ kind, text }) => (kind === "Federated" ? (parseProviderArn(text) ?? []) : []));
  const fitting = providers.find((provider) => provider.issuer === issuer) ?? providers[0];

  let { account, partition } = request;
  if (account === undefined && fitting !== undefined) {
    account = fitting.account;
    assumed.push(`the role is in account ${account}, which the policy names`);
  }
  const eks = issuer === undefined ? undefined : parseEksIssuer(issuer);
  if (partition === undefined && eks !== undefined) partition = partitionOfRegion(eks.region);
  else if (partition === undefined && fitting !== undefined) {
    partition = fitting.partition;
    assumed.push(`the role is in partition ${partition}, which the policy names`);
  }
  return { account, partition: partition ?? (account === undefined ? undefined : "aws"), assumed };
}
