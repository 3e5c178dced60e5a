import type { ClusterOptions } from "./options.ts";
import type { OutputOptions } from "./outputs.ts";

export interface PermissionsOptions extends ClusterOptions, OutputOptions {
  readonly for: readonly string[];
  readonly secret: readonly string[];
  readonly configMap: readonly string[];
  readonly init?: boolean;
  readonly initExternalSecret?: boolean;
  readonly initIrsa?: boolean;
  readonly initPodIdentity?: boolean;
  readonly initWorkloadIdentity?: boolean;
  readonly initHmac?: boolean;
  readonly why?: boolean;
  readonly thorough?: boolean;
  readonly prove?: boolean;
  readonly optional?: boolean;
  readonly serviceAccount?: string;
  /** Name or ARN of the role that `init` is given. */
  readonly role?: string;
}

export function setsUpIdentity(options: PermissionsOptions): boolean {
  return makesRole(options) || options.initWorkloadIdentity === true;
}

/** On AWS. */
export function makesRole({ initIrsa, initPodIdentity }: PermissionsOptions): boolean {
  return initIrsa === true || initPodIdentity === true;
}
