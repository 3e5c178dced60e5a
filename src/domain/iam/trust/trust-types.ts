/** How a pod comes by the role: the token of its ServiceAccount (IRSA), or the EKS Pod Identity agent. */
export type Mechanism = "irsa" | "pod-identity";

export interface ServiceAccountName {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/**
 * Who asks for the role. `claims` are the context keys of the request without the issuer in front (`sub`, `aud`) or whole
 * (`aws:RequestTag/kubernetes-namespace`); a list is a multi-valued key. What is neither in `claims` nor in
 * `withoutClaims` and cannot be derived is unknown, not absent.
 */
export interface TrustRequest {
  readonly mechanism: Mechanism;
  /** Issuer of the token without `https://`; undefined for Pod Identity. */
  readonly issuer: string | undefined;
  /** The ServiceAccount, where the subject is one. */
  readonly subject: ServiceAccountName | undefined;
  readonly claims: Readonly<Record<string, string | readonly string[]>>;
  /** Keys that the request certainly does not have. */
  readonly withoutClaims: readonly string[];
  /** Account of the role, 12 digits; undefined: it is taken from the policy, and the report says so. */
  readonly account: string | undefined;
  /** `aws`, `aws-cn`, `aws-us-gov`, `aws-iso` …; undefined: from the policy. */
  readonly partition: string | undefined;
}

/** `unknown` never counts as either: a needed part of the request is not known. */
export type Truth = "true" | "false" | "unknown";

/** One line of the truth table: a part of a statement, and what the request has for it. */
export interface TrustRow {
  readonly part: "effect" | "principal" | "action" | "condition";
  /** JSON pointer into the policy. */
  readonly path: string;
  /** For a condition `StringEquals oidc.…:sub`, else the element's name. */
  readonly label: string;
  /** What the policy asks for, one text each. */
  readonly want: readonly string[];
  /** What the request has; undefined where it has none, or it is not known. */
  readonly has: readonly string[] | undefined;
  readonly truth: Truth;
  readonly because: string | undefined;
}

export interface TrustStatementTable {
  readonly index: number;
  readonly sid: string | undefined;
  readonly effect: "Allow" | "Deny";
  readonly path: string;
  /** Whether the statement matches the request as a whole. */
  readonly matches: Truth;
  /** The Allow that came closest. */
  readonly closest: boolean;
  readonly rows: readonly TrustRow[];
}

/** Where something stands in a text; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Something wrong with the policy for this request, or with the policy whoever asks. */
export interface TrustFinding {
  /** Id of the failure catalogue, e.g. `irsa.sub-namespace`. */
  readonly cause: string;
  readonly severity: "critical" | "error" | "warning" | "info";
  readonly message: string;
  /** JSON pointer to the offending element. */
  readonly path: string;
  /** Where it stands in the text; undefined where the policy was not read from a text. */
  readonly place: Place | undefined;
  readonly want: string | undefined;
  readonly has: string | undefined;
  /** Where they differ, as `prod[uction]`; undefined where there is nothing to mark. */
  readonly marked: string | undefined;
  readonly fix: string | undefined;
}

/** The smallest change after which the request is allowed, and no other ServiceAccount's verdict is another one. */
export interface TrustPatch {
  /** RFC 6902, to the policy as it was read. */
  readonly operations: readonly {
    readonly op: "add" | "replace" | "remove";
    readonly path: string;
    readonly value?: unknown;
  }[];
  /** The whole policy afterwards. */
  readonly document: unknown;
}

export interface TrustReport {
  readonly decision: "allow" | "deny" | "unknown";
  /** Why it is unknown, a line each. */
  readonly undecided: readonly string[];
  /** What was assumed, e.g. the account that the policy names. */
  readonly assumed: readonly string[];
  readonly statements: readonly TrustStatementTable[];
  /** The cause of the decision first. */
  readonly findings: readonly TrustFinding[];
  /** Undefined where the request is allowed, or no change of this policy alone would do. */
  readonly patch: TrustPatch | undefined;
}
