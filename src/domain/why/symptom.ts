import type { Confidence } from "./candidate.ts";
import type { Clues } from "./clues.ts";
import type { Cause } from "./next.ts";

/** What a text may be about. Of one topic only the first symptom that is seen counts. */
export type Topic =
  | "antfly-connection"
  | "antfly-job"
  | "antfly-server"
  | "cluster-object"
  | "denied"
  | "env-names"
  | "eso-api"
  | "eso-sync"
  | "google"
  | "key"
  | "network"
  | "no-credentials"
  | "operator"
  | "rbac"
  | "region"
  | "rotation"
  | "runtime"
  | "s3"
  | "secret"
  | "service-account"
  | "tls"
  | "token-file"
  | "trust-policy"
  | "web-identity";

/** A permission alone is a line of a policy; with one of these it is a refusal. */
export const REFUSED = /not authori[sz]ed|denied|not allow|unauthori[sz]ed|forbidden|because no |\b403\b/i;

/** One symptom of the failure catalogue: how to recognise it in a text on one line, and what it means, best first. */
export interface Symptom {
  readonly topic: Topic;
  /** All of these are in the text. */
  readonly seen?: RegExp | readonly RegExp[];
  /** This is not. */
  readonly unless?: RegExp;
  readonly when?: (clues: Clues) => boolean;
  readonly means: readonly Guess[];
}

export interface Guess {
  readonly cause: Cause;
  readonly confidence: Confidence;
  readonly because: string | ((clues: Clues) => string);
  /** What else has to be in the text for this one. */
  readonly when: ((clues: Clues) => boolean) | undefined;
}

type Because = Guess["because"];

export function high(cause: Cause, because: Because, when?: Guess["when"]): Guess {
  return { cause, confidence: "high", because, when };
}

export function medium(cause: Cause, because: Because, when?: Guess["when"]): Guess {
  return { cause, confidence: "medium", because, when };
}

export function low(cause: Cause, because: Because, when?: Guess["when"]): Guess {
  return { cause, confidence: "low", because, when };
}
