import type { Sensitive } from "../domain/sensitive.ts";

export interface AwsCredentials {
  readonly accessKeyId: Sensitive;
  readonly secretAccessKey: Sensitive;
  readonly sessionToken: Sensitive | undefined;
}

export interface ObjectStoreOptions {
  /** Decides addressing and checksums: virtual hosts and the SDK's defaults on `aws`, path style and none else. */
  readonly provider: "aws" | "gcs" | "s3-compatible";
  /** Undefined: the provider's own for the region. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** Undefined: as nobody, without a signature. */
  readonly credentials: AwsCredentials | undefined;
  readonly bucket: string;
  /** Account that the bucket has to be of (`x-amz-expected-bucket-owner`): requests about any other's are denied. */
  readonly owner?: string;
  readonly timeoutMs: number;
}

/** The calls that are made on a bucket. Every call rejects with CloudError, whose action is `s3:…`, or `storage.objects.…` on Google. */
export interface ObjectStore {
  /** The region that the store names, whatever it answers otherwise. */
  bucketRegion(): Promise<string | undefined>;
  list(prefix: string, most: number): Promise<readonly { key: string; modifiedAt: string | undefined }[]>;
  get(key: string): Promise<Uint8Array>;
  /** Never replaces an object. */
  put(key: string, content: Uint8Array): Promise<{ versionId: string | undefined }>;
  delete(key: string, versionId?: string): Promise<void>;
  versioning(): Promise<"Enabled" | "Suspended" | "off">;
  /** Undefined where the bucket has none of its own. */
  encryption(): Promise<{ algorithm: string; key: string | undefined } | undefined>;
  objectLock(): Promise<boolean>;
}
