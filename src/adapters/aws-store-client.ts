import { S3Client } from "@aws-sdk/client-s3";

import { AwsError, type ObjectStoreOptions } from "../ports.ts";
import type { AwsConnection } from "./aws-connection.ts";
import { revealed } from "./aws-credentials.ts";
import type { Mode } from "./aws-transport.ts";

type Send<T> = (client: S3Client, sending: { abortSignal: AbortSignal }) => Promise<T>;

export interface StoreClients {
  readonly read: <T>(action: string, send: Send<T>) => Promise<T>;
  readonly write: <T>(action: string, send: Send<T>) => Promise<T>;
}

const GCS = "https://storage.googleapis.com";

/** The SDK looks for credentials also where nothing is signed with them. */
const NOBODY = { accessKeyId: "", secretAccessKey: "" };
const UNSIGNED = { sign: <T>(request: T): Promise<T> => Promise.resolve(request) };

/**
 * Clients of a store, set up for what it can do. Only AWS gets the checksums that the SDK adds by itself, and virtual
 * hosts: GCS and others refuse the first, and have the bucket in the path.
 */
export function storeClients(options: ObjectStoreOptions, connection: AwsConnection): StoreClients {
  const { provider, credentials, timeoutMs } = options;
  const { transport, env, redactor } = connection;
  const given = options.endpoint ?? (env["AWS_ENDPOINT_URL_S3"] || undefined);
  const endpoint = given ?? (provider === "gcs" ? GCS : undefined);
  const aws = provider === "aws";
  const host = endpoint === undefined ? "S3" : hostOf(endpoint);
  const made = new Map<Mode, S3Client>();

  /** @throws AwsError for an endpoint that is none */
  const client = (action: string, mode: Mode): S3Client => {
    const known = made.get(mode);
    if (known !== undefined) return known;
    if (endpoint === undefined && provider === "s3-compatible")
      throw new AwsError(
        "invalid",
        action,
        "a store that is not AWS has no endpoint of its own: AWS_ENDPOINT_URL says where it is",
      );
    if (host === undefined)
      throw new AwsError(
        "invalid",
        action,
        "the endpoint of the store is no URL: it has to begin with https:// or http://",
      );
    const settings = transport.settings(mode, {
      region: options.region || (provider === "gcs" ? "auto" : "us-east-1"),
      endpoint,
      credentials: async () => (credentials === undefined ? NOBODY : revealed(credentials, redactor)),
    });
    const checksums = {
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    } as const;
    const fresh = transport.adopt(
      new S3Client({
        ...settings,
        ...(aws ? {} : checksums),
        ...(credentials === undefined ? { signer: UNSIGNED } : {}),
        forcePathStyle: !aws || (endpoint !== undefined && isLocal(endpoint)),
      }),
    );
    made.set(mode, fresh);
    return fresh;
  };

  const how = { where: host ?? "the store", timeoutMs };
  return {
    read: async (action, send) => {
      const s3 = client(action, "read");
      return transport.read(action, (sending) => send(s3, sending), how);
    },
    write: async (action, send) => {
      const s3 = client(action, "write");
      return transport.write(action, (sending) => send(s3, sending), how);
    },
  };
}

/** Undefined for what is no URL of HTTP. */
function hostOf(endpoint: string): string | undefined {
  if (!URL.canParse(endpoint)) return undefined;
  const { protocol, host } = new URL(endpoint);
  return protocol === "https:" || protocol === "http:" ? host : undefined;
}

/** No name below it can be resolved. */
export function isLocal(endpoint: string): boolean {
  const { hostname, port } = new URL(endpoint);
  return port !== "" || hostname === "localhost" || /^(127\.|\[)/.test(hostname);
}
