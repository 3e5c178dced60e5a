import { shell } from "../../domain/shell.ts";

export interface Removable {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
  /** Undefined for AWS's own address. */
  readonly endpoint: string | undefined;
}

/** A command that removes one object, or one version of it. */
export function removeCommand({ bucket, key, versionId, endpoint }: Removable): string {
  const version = versionId === undefined ? [] : ["--version-id", versionId];
  const at = endpoint === undefined ? [] : ["--endpoint-url", endpoint];
  return shell`aws s3api delete-object --bucket ${bucket} --key ${key} ${version} ${at}`;
}
