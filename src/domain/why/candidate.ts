export type Confidence = "high" | "medium" | "low";

/**
 * A root cause that an error text points to. High: the text decides. Medium: it allows others as well. Low: it says no
 * more than that something of the kind may be wrong.
 */
export interface Candidate {
  /** Id of the failure catalogue. */
  readonly cause: string;
  readonly confidence: Confidence;
  /** One sentence: what in the text points there. */
  readonly because: string;
  /** The next command, or what to look at. */
  readonly next: string;
}
