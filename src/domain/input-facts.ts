import type { FileSpan, Ref } from "./finding.ts";
import type { PolicyKind } from "./iam/policy-kind.ts";
import type { InputProblem } from "./inputs.ts";
import type { KeyFacts } from "./values/classify.ts";

/** A Secret whose values stand in a file in clear. */
export interface PlainSecret {
  readonly subject: Ref;
  readonly file: string;
  readonly keys: readonly { readonly key: string; readonly field: "data" | "stringData"; readonly facts: KeyFacts }[];
  readonly location: FileSpan;
}

/** A credential that stands in clear where no Secret is: in an environment variable, an argument, a configuration. */
export interface LiteralCredential {
  readonly subject: Ref;
  readonly path: string;
  readonly what: string;
  readonly location: FileSpan;
}

/** An EncryptionConfiguration: the providers of Secrets in their order, and what kube-apiserver refuses to start with. */
export interface EncryptionInput {
  readonly file: string;
  readonly location: FileSpan;
  readonly providers: readonly string[];
  readonly refused: readonly { readonly what: string; readonly location: FileSpan }[];
  /** A key stands in it, and not only where a KMS is. */
  readonly holdsKey: boolean;
}

/** An object of External Secrets that stands in a file. */
export interface SyncInput {
  readonly subject: Ref;
  readonly apiVersion: string;
  readonly location: FileSpan;
}

/** What the files hold besides AntflyClusters. */
export interface InputFacts {
  readonly files: readonly string[];
  readonly problems: readonly InputProblem[];
  /** Files that Git keeps; undefined when that could not be told. */
  readonly tracked: readonly string[] | undefined;
  readonly plainSecrets: readonly PlainSecret[];
  /** Env files, with the names of the values in them that are secrets. */
  readonly envFiles: readonly { readonly file: string; readonly secrets: readonly string[] }[];
  readonly literals: readonly LiteralCredential[];
  readonly policies: readonly PolicyFacts[];
  readonly encryption: readonly EncryptionInput[];
  /** Buckets and prefixes that the AntflyBackups among the files write to. */
  readonly aims: readonly { readonly bucket: string; readonly prefix: string }[];
  readonly externalSecrets: readonly SyncInput[];
}

export interface PolicyFacts {
  readonly file: string;
  readonly kind: PolicyKind;
  readonly value: unknown;
}
