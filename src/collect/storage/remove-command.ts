import { shell } from "../../domain/shell.ts";

export interface Removable {
  /** Google's own API. */
  readonly scheme: "gs" | undefined;
  readonly bucket: string;
  readonly key: string;
  /** Google calls it the generation. */
  readonly versionId: string | undefined;
  /** Undefined for AWS's own address. */
  readonly endpoint: string | undefined;
}

/** A command that removes one object, or one version of it. */
export function removeCommand({ scheme, bucket, key, versionId, endpoint }: Removable): string {
  if (scheme === "gs") {
    const generation = versionId === undefined ? "" : `#${versionId}`;
    return shell`gcloud storage rm ${`gs://${bucket}/${key}${generation}`}`;
  }
  const version = versionId === undefined ? [] : ["--version-id", versionId];
  const at = endpoint === undefined ? [] : ["--endpoint-url", endpoint];
  return shell`aws s3api delete-object --bucket ${bucket} --key ${key} ${version} ${at}`;
}
