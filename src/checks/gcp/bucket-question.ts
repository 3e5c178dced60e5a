import type { Finding, Severity } from "../../domain/finding.ts";
import type { Identity, Workload } from "../../domain/gcp/member.ts";
import { OBJECT_USER, OBJECT_VIEWER } from "../../domain/gcp/roles.ts";
import type { GoogleAim, GoogleBucketFacts, GoogleRoles } from "../../domain/google-facts.ts";

/** What is asked of one bucket: whether the identity that Google sees may do there what is needed. */
export interface Question {
  readonly aim: GoogleAim;
  readonly who: Identity;
  readonly workload: Workload;
  readonly buckets: readonly GoogleBucketFacts[];
  readonly roles: GoogleRoles | undefined;
  readonly now: Date;
  readonly severity: Severity;
  /** Google said with the pods' own token that they have the rights: then no policy leaves a doubt. */
  readonly proven: boolean;
}

export function refOf({ bucket }: GoogleAim): Finding["subject"] {
  return { kind: "Bucket", name: bucket };
}

/** The least predefined role that gives what is needed. */
export function roleFor({ writes }: GoogleAim): string {
  return writes ? OBJECT_USER : OBJECT_VIEWER;
}

export function called(who: Identity): string {
  return who.kind === "account" ? who.email : `ServiceAccount ${who.name} of namespace ${who.namespace}`;
}
