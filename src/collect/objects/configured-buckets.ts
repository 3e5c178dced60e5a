import * as z from "zod/mini";

import type { ConfiguredBucket, ConfiguredGoogleBucket } from "../../domain/configured-storage.ts";
import { withoutLogin } from "../../domain/location.ts";
import { once, text } from "./schemas.ts";

const maybeText = z.nullish(text);

const s3Config = once(() => z.object({ bucket: maybeText, prefix: maybeText, endpoint: maybeText, region: maybeText }));

const connectionConfig = once(() =>
  z.object({
    external_io: z.object({
      protocol: maybeText,
      endpoint: maybeText,
      region: maybeText,
      buckets: z.nullish(z.array(text)),
      prefix: maybeText,
      credentials: z.nullish(z.object({ source: maybeText, role_arn: maybeText })),
      project_id: maybeText,
      gcs_credentials: z.nullish(z.object({ source: maybeText })),
    }),
  }),
);

/**
 * Buckets that `spec.config` names: that of `storage.s3`, and those that the named connections of generation 3 may use
 * (operator facts, 7.3). What has another shape is not ours to judge.
 */
export function configuredBuckets(content: object): ConfiguredBucket[] {
  const { storage, connections } = content as { storage?: { s3?: unknown } | null; connections?: unknown };
  const s3 = z.safeParse(s3Config(), storage?.s3).data;
  const own: ConfiguredBucket[] = !s3?.bucket
    ? []
    : [{ ...placeIn(s3), bucket: s3.bucket, connection: undefined, source: undefined, roleArn: undefined }];
  if (typeof connections !== "object" || connections === null) return own;
  const named = Object.entries(connections).flatMap(([connection, value]: [string, unknown]) => {
    const io = z.safeParse(connectionConfig(), value).data?.external_io;
    if (io === undefined || (io.protocol ?? "s3") !== "s3") return [];
    const source = io.credentials?.source ?? undefined;
    const roleArn = io.credentials?.role_arn || undefined;
    return (io.buckets ?? []).map((bucket) => ({ ...placeIn(io), bucket, connection, source, roleArn }));
  });
  return [...own, ...named];
}

/** The same of connections with the protocol of Google Cloud Storage. */
export function configuredGoogleBuckets(content: object): ConfiguredGoogleBucket[] {
  const { connections } = content as { connections?: unknown };
  if (typeof connections !== "object" || connections === null) return [];
  return Object.entries(connections).flatMap(([connection, value]: [string, unknown]) => {
    const io = z.safeParse(connectionConfig(), value).data?.external_io;
    if (io === undefined || io.protocol !== "gcs") return [];
    const source = io.gcs_credentials?.source ?? undefined;
    const project = io.project_id || undefined;
    return (io.buckets ?? []).map((bucket) => ({ bucket, prefix: io.prefix ?? "", connection, project, source }));
  });
}

function placeIn({
  prefix,
  endpoint,
  region,
}: z.infer<ReturnType<typeof s3Config>>): Pick<ConfiguredBucket, "prefix" | "endpoint" | "region"> {
  return {
    prefix: prefix ?? "",
    endpoint: endpoint ? withoutLogin(endpoint) : undefined,
    region: region || undefined,
  };
}
