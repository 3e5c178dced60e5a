/** One text of a policy and where it stands. Paths are JSON pointers into the document. */
export interface PolicyText {
  readonly text: string;
  readonly path: string;
}

/** `Action` or `NotAction`, `Resource` or `NotResource`: a text is a list of one. */
export interface PolicyTexts {
  /** `NotAction` or `NotResource`: all but these. */
  readonly not: boolean;
  readonly items: readonly PolicyText[];
  readonly path: string;
}

/** One key under one operator of a `Condition`, as it was written. */
export interface PolicyTest {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
  readonly path: string;
}

export interface PolicyStatement {
  readonly path: string;
  readonly sid: string | undefined;
  readonly effect: "Allow" | "Deny";
  readonly actions: PolicyTexts;
  readonly resources: PolicyTexts;
  readonly tests: readonly PolicyTest[];
}

export interface IdentityPolicy {
  /** Without `Version` it is the old language, where `${…}` is plain text. */
  readonly version: "2012-10-17" | "2008-10-17";
  readonly statements: readonly PolicyStatement[];
}

/** The bucket and the prefix that the cluster is configured with, as in `s3://bucket/prefix`. */
export interface S3Aim {
  readonly bucket: string;
  readonly prefix: string;
}

/** Something wrong with a policy. `path` points to the element that is wrong. */
export interface PolicyProblem {
  /** Id of the failure catalogue, e.g. `s3.no-listbucket`. */
  readonly cause: string;
  readonly severity: "error" | "warning" | "info";
  readonly message: string;
  readonly path: string;
  readonly want?: string;
  readonly has?: string;
  readonly fix?: string;
}
