/** What `spec.config` sets itself; that overrides the environment. */
export interface ConfiguredStorage {
  /** Under `storage.s3`. */
  readonly endpoint: boolean;
  /** That endpoint; undefined also in facts of a version that did not look. */
  readonly endpointUrl: string | undefined;
  readonly credentials: boolean;
  /** Named connections (generation 3). */
  readonly connections: boolean;
  /** Their ids; undefined where `spec.config` could not be read, and in facts of a version that did not look. */
  readonly connectionIds: readonly string[] | undefined;
  /** Pointers to credentials that stand there in clear. */
  readonly literals: readonly string[];
  /** Buckets that it names; undefined in facts of a version that did not look. */
  readonly buckets: readonly ConfiguredBucket[] | undefined;
  /** The same of Google's; undefined as those. */
  readonly googleBuckets: readonly ConfiguredGoogleBucket[] | undefined;
}

/** A bucket of a named connection (generation 3) with the protocol of Google Cloud Storage. */
export interface ConfiguredGoogleBucket {
  readonly bucket: string;
  readonly prefix: string;
  readonly connection: string;
  /** `project_id`. */
  readonly project: string | undefined;
  /** `gcs_credentials.source`. */
  readonly source: string | undefined;
}

/** A bucket of `storage.s3`, or of a named connection (generation 3) with the protocol of S3. */
export interface ConfiguredBucket {
  readonly bucket: string;
  readonly prefix: string;
  /** Undefined for `storage.s3`. */
  readonly connection: string | undefined;
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  /** `credentials.source` of the connection. */
  readonly source: string | undefined;
  /** `credentials.role_arn` of the connection. */
  readonly roleArn: string | undefined;
}
