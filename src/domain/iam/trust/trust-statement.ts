import type { Operator } from "./operator.ts";

/** One text of the policy and where it stands. */
export interface TrustText {
  readonly text: string;
  readonly path: string;
}

export type PrincipalKind = "AWS" | "Federated" | "Service" | "CanonicalUser";

export interface PrincipalEntry extends TrustText {
  readonly kind: PrincipalKind;
}

/** `Principal` or `NotPrincipal`. */
export interface TrustPrincipal {
  /** `NotPrincipal`: all but these. */
  readonly not: boolean;
  /** `"*"`: everyone. */
  readonly any: boolean;
  readonly entries: readonly PrincipalEntry[];
  readonly path: string;
}

/** `Action` or `NotAction`. */
export interface TrustActions {
  readonly not: boolean;
  readonly items: readonly TrustText[];
  readonly path: string;
}

/** One key under one operator of a `Condition`. */
export interface TrustTest {
  /** Undefined where AWS has no such operator, or what stands under it is no condition. */
  readonly operator: Operator | undefined;
  /** The operator as it was written. */
  readonly written: string;
  readonly key: string;
  readonly values: readonly TrustText[];
  /** The values stand in a list. */
  readonly list: boolean;
  readonly path: string;
}

/** A statement as far as it could be read; what is undefined could not, and is then not known to match or not. */
export interface TrustStatement {
  readonly index: number;
  readonly path: string;
  readonly sid: string | undefined;
  readonly effect: "Allow" | "Deny";
  /** `Effect` is missing or misspelt; `effect` is what was probably meant. */
  readonly effectGuessed: boolean;
  readonly principal: TrustPrincipal | undefined;
  readonly actions: TrustActions | undefined;
  readonly tests: readonly TrustTest[];
}

/** A trust policy, taken apart. */
export interface TrustPolicy {
  /** `${…}` are policy variables: the language of 2012-10-17. */
  readonly variables: boolean;
  readonly statements: readonly TrustStatement[];
}
