import type { AtRest, EncryptionAtRest } from "./at-rest.ts";

/** Something that a person does: what, and the commands or the text for it. */
export interface EncryptionStep {
  readonly what: string;
  /** To be pasted, each a line. */
  readonly commands: readonly string[];
  /** Lines to put into a file. */
  readonly lines?: readonly string[];
}

/** What `init encryption` has found and written, and what is left to do. */
export interface EncryptionResult {
  readonly platform: EncryptionAtRest["platform"];
  readonly inForce: AtRest;
  /** How many times a Secret that lay in clear was read since the API server started. */
  readonly readInClear: number;
  /** `shown` is the content without any key. */
  readonly files: readonly { readonly path: string; readonly shown: string; readonly written: boolean }[];
  readonly steps: readonly EncryptionStep[];
  readonly dryRun: boolean;
}
