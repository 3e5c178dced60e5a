import {
  DeleteObjectCommand,
  GetBucketEncryptionCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";

import { AwsError, type ObjectStore, type ObjectStoreOptions } from "../ports.ts";
import type { AwsConnection } from "./aws-connection.ts";
import { headerOf } from "./aws-errors.ts";
import { storeClients } from "./aws-store-client.ts";

const PAGE = 1_000;
/** What the tool reads back is its own 64 bytes, or nothing. */
const LARGEST_OBJECT = 1024 * 1024;

/** One bucket, with the credentials in question: a workload's, not the tool's own. */
export function objectStore(options: ObjectStoreOptions, connection: AwsConnection): ObjectStore {
  const { provider } = options;
  const of = { Bucket: options.bucket, ...(options.owner === undefined ? {} : { ExpectedBucketOwner: options.owner }) };
  const { read, write } = storeClients(options, connection);

  /** Undefined where it is not told to those who may not read. */
  const exists = (Key: string): Promise<boolean | undefined> =>
    read("s3:GetObject", async (client, sending) => {
      try {
        await client.send(new HeadObjectCommand({ ...of, Key }), sending);
        return true;
      } catch (error) {
        if (statusOf(error) === 404) return false;
        if (statusOf(error) === 403) return undefined;
        throw error;
      }
    });

  return {
    bucketRegion: () =>
      read("s3:ListBucket", async (client, sending) => {
        try {
          return (await client.send(new HeadBucketCommand(of), sending)).BucketRegion;
        } catch (error) {
          const named = headerOf(error, "x-amz-bucket-region");
          const status = statusOf(error);
          if (named !== undefined) return named;
          // An answer to HEAD has no body that could say more.
          if (status === 404)
            throw new AwsError("not-found", "s3:ListBucket", `there is no bucket ${options.bucket}`, {
              code: "NoSuchBucket",
              status,
            });
          if (status !== undefined && status < 500) return undefined;
          throw error;
        }
      }),

    async list(Prefix, most) {
      const found: { key: string; modifiedAt: string | undefined }[] = [];
      let ContinuationToken: string | undefined;
      do {
        const MaxKeys = Math.min(most - found.length, PAGE);
        const command = new ListObjectsV2Command({ ...of, Prefix, MaxKeys, ContinuationToken });
        const page = await read("s3:ListBucket", (client, sending) => client.send(command, sending));
        if (page.Name === undefined && page.KeyCount === undefined)
          throw new AwsError("malformed", "s3:ListBucket", "the store answered with what is no list of objects");
        for (const { Key = "", LastModified } of page.Contents ?? [])
          found.push({ key: Key, modifiedAt: LastModified?.toISOString() });
        ContinuationToken = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      } while (ContinuationToken !== undefined && found.length < most);
      return found.slice(0, most);
    },

    get: (Key) =>
      read("s3:GetObject", async (client, sending) => {
        const { Body } = await client.send(new GetObjectCommand({ ...of, Key }), sending);
        const chunks: Uint8Array[] = [];
        let size = 0;
        for await (const chunk of Body as AsyncIterable<Uint8Array>) {
          size += chunk.length;
          if (size > LARGEST_OBJECT) throw new AwsError("malformed", "s3:GetObject", "the object is larger than 1 MiB");
          chunks.push(chunk);
        }
        return Buffer.concat(chunks);
      }),

    async put(Key, content) {
      const object = { ...of, Key, Body: content };
      const put = async (condition: { IfNoneMatch?: "*" }): Promise<{ versionId: string | undefined }> => {
        const command = new PutObjectCommand({ ...object, ...condition });
        const { ETag, VersionId } = await write("s3:PutObject", (client, sending) => client.send(command, sending));
        if (ETag === undefined)
          throw new AwsError("malformed", "s3:PutObject", "the store does not say what it has written");
        return { versionId: VersionId };
      };
      const carefully = async (): Promise<{ versionId: string | undefined }> => {
        if ((await exists(Key)) !== true) return put({});
        throw new AwsError("exists", "s3:PutObject", "there is an object of this name", { code: "PreconditionFailed" });
      };
      // GCS takes no notice of If-None-Match on a PUT, and refuses its own header beside those of AWS (ExcessHeaderValues).
      if (provider === "gcs") return carefully();
      return put({ IfNoneMatch: "*" }).catch((error: unknown) => {
        // Stores that do not know the condition say so before they write.
        if (provider !== "aws" && error instanceof AwsError && error.code === "NotImplemented") return carefully();
        throw error;
      });
    },

    async delete(Key, VersionId) {
      const action = VersionId === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion";
      const command = new DeleteObjectCommand({ ...of, Key, VersionId });
      const { $metadata } = await write(action, (client, sending) => client.send(command, sending));
      // 204 is what stores say; what says something else may be a proxy.
      if ($metadata.httpStatusCode === 204) return;
      const there = await exists(Key);
      if (there === true) throw new AwsError("malformed", action, "the store answered, and the object is still there");
      if (there === undefined)
        throw new AwsError("malformed", action, "the store answered, and does not say that the object is gone");
    },

    versioning: () =>
      read("s3:GetBucketVersioning", async (client, sending) => {
        const { Status } = await client.send(new GetBucketVersioningCommand(of), sending);
        return Status ?? "off";
      }),

    encryption: () =>
      read("s3:GetEncryptionConfiguration", async (client, sending) => {
        const answer = await orNone(
          client.send(new GetBucketEncryptionCommand(of), sending),
          "ServerSideEncryptionConfigurationNotFoundError",
        );
        const rule = answer?.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
        if (rule?.SSEAlgorithm === undefined) return undefined;
        return { algorithm: rule.SSEAlgorithm, key: rule.KMSMasterKeyID };
      }),

    objectLock: () =>
      read("s3:GetBucketObjectLockConfiguration", async (client, sending) => {
        const answer = await orNone(
          client.send(new GetObjectLockConfigurationCommand(of), sending),
          "ObjectLockConfigurationNotFoundError",
        );
        return answer?.ObjectLockConfiguration?.ObjectLockEnabled === "Enabled";
      }),
  };
}

/** The answer, or undefined when the store says by this code that there is no such setting. */
async function orNone<T>(answer: Promise<T>, code: string): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if ((error as Error).name === code) return undefined;
    throw error;
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}
