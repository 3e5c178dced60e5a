import { distinctBy } from "../../distinct.ts";
import { subjectOf } from "./subject.ts";
import {
  podIdentityStatement,
  trustStatement,
  type WantedPodIdentity,
  type WantedTrust,
} from "./build-trust-policy.ts";
import { decideTrustPolicy } from "./decide.ts";
import { addStatement, append, applyOperations, type Operation } from "./edit-document.ts";
import { parseTrustPolicy } from "./parse-trust-policy.ts";
import { issuerHost, providerArn } from "./provider-arn.ts";
import type { TrustDocument } from "./trust-document.ts";
import type { TrustStatement } from "./trust-statement.ts";
import type { ServiceAccountName } from "./trust-types.ts";

export interface Merge {
  /** The whole policy afterwards. */
  readonly document: TrustDocument["value"];
  /** RFC 6902; none where the policy trusts them all already. */
  readonly operations: readonly Operation[];
  /** ServiceAccounts that a Deny keeps out whatever is added, or of which only the request itself decides. */
  readonly kept: readonly { readonly subject: ServiceAccountName; readonly decision: "deny" | "unknown" }[];
}

/**
 * Makes a trust policy trust these ServiceAccounts too. Who is trusted already, or on a condition, stays so; a statement
 * that is just so but for the subject takes one more, else a statement is added. Nothing is replaced or removed.
 */
export function mergeTrustPolicy(document: Pick<TrustDocument, "value">, wanted: WantedTrust): Merge {
  const { partition, account, issuer, audience } = wanted;
  const asked = {
    mechanism: "irsa",
    issuer,
    claims: { aud: audience },
    withoutClaims: [],
    account,
    partition,
  } as const;
  return merge(document.value, wanted.subjects, {
    decide: (value, subject) => decideTrustPolicy({ value }, { ...asked, subject }),
    list: (value) => fittingList(value, wanted),
    statements: (subjects) => [trustStatement({ ...wanted, subjects })],
  });
}

/** The same for EKS Pod Identity, where each ServiceAccount takes a statement of its own. */
export function mergePodIdentity(
  document: Pick<TrustDocument, "value">,
  wanted: readonly WantedPodIdentity[],
  partition: string,
): Merge {
  const [{ account, clusterArn } = { account: undefined, clusterArn: undefined }] = wanted;
  const claims: Record<string, string> =
    clusterArn === undefined ? {} : { "aws:RequestTag/eks-cluster-arn": clusterArn };
  const asked = {
    mechanism: "pod-identity",
    issuer: undefined,
    claims,
    withoutClaims: [],
    account,
    partition,
  } as const;
  const subjects = wanted.map(({ subject }) => subject);
  return merge(document.value, subjects, {
    decide: (value, subject) => decideTrustPolicy({ value }, { ...asked, subject }),
    list: () => undefined,
    statements: (of) => of.map((subject) => podIdentityStatement({ account, clusterArn, subject })),
  });
}

/** What differs between the two ways to be trusted. */
interface Merging {
  readonly decide: (value: TrustDocument["value"], subject: ServiceAccountName) => "allow" | "deny" | "unknown";
  /** Where another subject can be put. */
  readonly list: (value: TrustDocument["value"]) => string | undefined;
  readonly statements: (subjects: readonly ServiceAccountName[]) => readonly object[];
}

function merge(
  before: TrustDocument["value"],
  subjects: readonly ServiceAccountName[],
  { decide, list, statements }: Merging,
): Merge {
  const operations: Operation[] = [];
  let value = before;
  const withStatement = (subject: ServiceAccountName): TrustDocument["value"] =>
    statements([subject]).reduce<TrustDocument["value"]>(
      (all, one) => applyOperations(all, [addStatement(all, one)]),
      value,
    );
  // Where a Deny stands, an Allow more changes nothing.
  const missing = distinctBy(subjects, subjectOf).filter(
    (subject) => decide(value, subject) === "deny" && decide(withStatement(subject), subject) !== "deny",
  );
  const left: ServiceAccountName[] = [];
  for (const subject of missing) {
    const path = list(value);
    if (path === undefined) left.push(subject);
    else change(append(value, path, subjectOf(subject)));
  }
  if (left.length > 0) for (const statement of statements(left)) change(addStatement(value, statement));
  const kept = subjects.flatMap((subject) => {
    const decision = decide(value, subject);
    return decision === "allow" ? [] : [{ subject, decision }];
  });
  return { document: value, operations, kept };

  function change(operation: Operation): void {
    operations.push(operation);
    value = applyOperations(value, [operation]);
  }
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
