import type { CloudOptions } from "./cloud.ts";
import type { ClusterOptions } from "./options.ts";
import type { OutputOptions } from "./outputs.ts";

/** Options of every `init` of an identity, as commander gives them. */
export interface IdentityOptions extends ClusterOptions, CloudOptions, OutputOptions {
  readonly timeout: string;
  readonly serviceAccount?: string;
  readonly identityOnly?: boolean;
  readonly managed?: boolean;
  readonly overwrite?: boolean;
  readonly dryRun?: boolean;
  readonly writeTo?: string;
  readonly wait: string;
  readonly yes?: boolean;
  readonly quiet?: boolean;
}

/** Options of `init workload-identity`. */
export interface WorkloadOptions extends IdentityOptions {
  /** Email, or the part before the @. */
  readonly googleAccount?: string;
  readonly googleProject?: string;
  readonly direct?: boolean;
  readonly enablePool?: boolean;
  /** On the bucket. */
  readonly role?: string;
}

/** Options of `init irsa` and `init pod-identity`. */
export interface RoleOptions extends IdentityOptions {
  /** Name or ARN. */
  readonly role?: string;
}
