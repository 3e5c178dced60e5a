import { distinctBy } from "../../distinct.ts";
import { subjectOf } from "./subject.ts";
import { trustStatement, type WantedTrust } from "./build-trust-policy.ts";
import { decideTrustPolicy } from "./decide.ts";
import { addStatement, append, applyOperations, type Operation } from "./edit-document.ts";
import { parseTrustPolicy } from "./parse-trust-policy.ts";
import { issuerHost, providerArn } from "./provider-arn.ts";
import type { TrustDocument } from "./trust-document.ts";
import type { TrustStatement } from "./trust-statement.ts";
import type { ServiceAccountName } from "./trust-types.ts";

export interface Merge {
  /** The whole policy afterwards. */
  readonly document: unknown;
  /** RFC 6902; none where the policy trusts them all already. */
  readonly operations: readonly Operation[];
  /** ServiceAccounts that a Deny of the policy keeps out, or a condition that only the request decides, whatever is added. */
  readonly kept: readonly { readonly subject: ServiceAccountName; readonly decision: "deny" | "unknown" }[];
}

/**
 * Makes a trust policy trust these ServiceAccounts too. Who is trusted already stays as they are; a statement that is
 * just so but for the subject takes one more, else a statement is added. Nothing is replaced or removed.
 */
export function mergeTrustPolicy(document: Pick<TrustDocument, "value">, wanted: WantedTrust): Merge {
  const operations: Operation[] = [];
  let value = document.value;
  const missing = distinctBy(wanted.subjects, subjectOf).filter(
    (subject) => decisionOn(value, wanted, subject) !== "allow",
  );
  const left: ServiceAccountName[] = [];
  for (const subject of missing) {
    const list = fittingList(value, wanted);
    if (list === undefined) left.push(subject);
    else change(append(value, list, subjectOf(subject)));
  }
  if (left.length > 0) change(addStatement(value, trustStatement({ ...wanted, subjects: left })));
  const kept = missing.flatMap((subject) => {
    const decision = decisionOn(value, wanted, subject);
    return decision === "allow" ? [] : [{ subject, decision }];
  });
  return { document: value, operations, kept };

  function change(operation: Operation): void {
    operations.push(operation);
    value = applyOperations(value, [operation]);
  }
}

function decisionOn(
  value: TrustDocument["value"],
  { partition, account, issuer, audience }: WantedTrust,
  subject: ServiceAccountName,
): "allow" | "deny" | "unknown" {
  const request = {
    mechanism: "irsa" as const,
    issuer,
    subject,
    claims: { aud: audience },
    withoutClaims: [],
    account,
    partition,
  };
  return decideTrustPolicy({ value }, request);
}

/** Where the subjects stand in a statement that differs from what is wanted in nothing else. */
function fittingList(value: TrustDocument["value"], wanted: WantedTrust): string | undefined {
  const { policy } = parseTrustPolicy({ value });
  return policy.statements.flatMap((statement) => subjectsOf(statement, wanted) ?? [])[0];
}

function subjectsOf(
  statement: TrustStatement,
  { partition, account, issuer, audience }: WantedTrust,
): string | undefined {
  const host = issuerHost(issuer);
  const { effect, effectGuessed, principal, actions, tests } = statement;
  if (effect !== "Allow" || effectGuessed || principal === undefined || principal.not || principal.any)
    return undefined;
  const [entry, ...others] = principal.entries;
  if (
    entry?.text !== providerArn({ partition, account, issuer: host }) ||
    entry.kind !== "Federated" ||
    others.length > 0
  )
    return undefined;
  const [action, ...more] = actions?.items ?? [];
  if (actions?.not !== false || more.length > 0 || action?.text.toLowerCase() !== "sts:assumerolewithwebidentity")
    return undefined;
  const plain = tests.every(
    ({ operator }) =>
      operator !== undefined &&
      operator.set === undefined &&
      !operator.ifExists &&
      /^String(Equals|Like)$/.test(operator.name),
  );
  const aud = tests.find(({ key }) => key.toLowerCase() === `${host}:aud`.toLowerCase());
  const sub = tests.find(({ key }) => key.toLowerCase() === `${host}:sub`.toLowerCase());
  const exact = aud?.operator?.name === "StringEquals" && aud.values.length === 1 && aud.values[0]?.text === audience;
  return plain && exact && sub !== undefined && tests.length === 2 ? sub.path : undefined;
}
