/**
 * An AWS account that tests run against: the in-process one (`aws-server/`) or the real servers (`test/bed/`). What is
 * written against this interface runs on both.
 */
export interface TestCloud {
  readonly kind: "in-process" | "real";
  readonly account: string;
  /** How the AWS SDK is told of it, as the identity that the tool runs under: AWS_ENDPOINT_URL_STS, _IAM, _EKS, _S3, keys, region. */
  readonly env: Readonly<Record<string, string>>;
  /** The issuer of the test cluster's ServiceAccount tokens. */
  readonly issuer: string;
  /** Makes all of this, instead of what had the same name; returns the keys that users can sign with. */
  seed(state: AwsSeed): Promise<readonly SeededKey[]>;
  stop(): Promise<void>;
}

export interface SeededKey {
  readonly user: string;
  readonly id: string;
  readonly secret: string;
}

/** A policy document as it stands in a test. */
type Document = Readonly<Record<string, unknown>>;

/** What is in an account; `ISSUER` as an issuer is the test cluster's own. */
export interface AwsSeed {
  readonly account?: string;
  /** Actions that the tool's own identity may not do, e.g. `iam:GetRole`. */
  readonly denied?: readonly string[];
  readonly providers?: readonly { readonly issuer: string; readonly clientIds: readonly string[] }[];
  readonly roles?: readonly {
    readonly name: string;
    readonly trust: Document;
    readonly inline?: Readonly<Record<string, Document>>;
    /** ARN of a permissions boundary. */
    readonly boundary?: string;
  }[];
  readonly users?: readonly {
    readonly name: string;
    /** The real server makes id and secret itself. */
    readonly keys?: readonly {
      readonly id: string;
      readonly secret: string;
      readonly status?: "Active" | "Inactive";
    }[];
    readonly inline?: Readonly<Record<string, Document>>;
  }[];
  readonly clusters?: readonly {
    readonly name: string;
    readonly issuer: string;
    readonly associations?: readonly {
      readonly namespace: string;
      readonly serviceAccount: string;
      /** Name of a role, or the ARN of one. */
      readonly role: string;
    }[];
    /** Status by name. */
    readonly addOns?: Readonly<Record<string, string>>;
  }[];
  readonly buckets?: readonly {
    readonly name: string;
    readonly region?: string;
    readonly versioning?: "Enabled" | "Suspended";
    readonly objectLock?: boolean;
    readonly policy?: Document;
    readonly objects?: Readonly<Record<string, string>>;
  }[];
}
