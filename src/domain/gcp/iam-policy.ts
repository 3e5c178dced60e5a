/** A condition of a binding; `expression` is in the Common Expression Language. */
export interface IamCondition {
  readonly title?: string;
  readonly description?: string;
  readonly expression: string;
  /** Where the expression comes from, for messages about it. */
  readonly location?: string;
}

export interface IamBinding {
  readonly role: string;
  /** As Google writes them: `serviceAccount:EMAIL`, `principal://iam.googleapis.com/…`, `deleted:serviceAccount:EMAIL?uid=ID`. */
  readonly members: readonly string[];
  readonly condition?: IamCondition;
}

/** An allow policy, read at version 3: an older version shows a role with a condition under another name. */
export interface IamPolicy {
  readonly version: number;
  /** Sent back with a change, which Google refuses when somebody else was faster. */
  readonly etag: string | undefined;
  readonly bindings: readonly IamBinding[];
  /** What is not known here, e.g. `auditConfigs`: sent back as it was. */
  readonly rest: Readonly<Record<string, unknown>>;
}
