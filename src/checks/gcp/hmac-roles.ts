import type { StorageAim } from "../../domain/aws-facts.ts";
import { gcloudCommand } from "../../domain/finding.ts";
import { storageContext } from "../../domain/gcp/condition.ts";
import { grantsOf } from "../../domain/gcp/grants-of.ts";
import { OBJECT_READ, OBJECT_USER, OBJECT_VIEWER, OBJECT_WRITE } from "../../domain/gcp/roles.ts";
import type { GoogleBucketFacts, GoogleRoles, HmacKeyFacts } from "../../domain/google-facts.ts";
import { placeOf } from "../../domain/iam/s3-needs.ts";
import { sentenceList } from "../../domain/text.ts";
import type { HmacFault } from "./hmac-state.ts";

export interface RolesCase {
  readonly key: HmacKeyFacts;
  readonly aims: readonly StorageAim[];
  readonly googleRoles: GoogleRoles | undefined;
  readonly now: Date;
}

/** A bucket on which the key's account certainly lacks what backups need; requests have the rights of that account. */
export function lacksRole({ key, aims, googleRoles, now }: RolesCase): HmacFault | undefined {
  if (key.key.state !== "known") return undefined;
  const { account } = key.key.value;
  for (const aim of aims) {
    const bucket = key.buckets.find((one) => one.bucket === aim.bucket);
    if (bucket === undefined) continue;
    const lacking = lackingOn(bucket, aim, { account, googleRoles, now });
    if (lacking.length === 0) continue;
    const role = aim.writes ? OBJECT_USER : OBJECT_VIEWER;
    const member = `serviceAccount:${account}`;
    return {
      cause: "gke.hmac-account-no-role",
      severity: "error",
      what: `and its account ${account} has no ${sentenceList(lacking)} on ${placeOf(aim)}, which ${aim.from} needs`,
      evidence: [{ label: "role", want: role, has: `none for ${account} on bucket ${aim.bucket} or its project` }],
      fixes: [
        gcloudCommand`gcloud storage buckets add-iam-policy-binding ${`gs://${aim.bucket}`} --member ${member} --role ${role}`,
      ],
    };
  }
  return undefined;
}

/** Only where both policies were read: what is not in one may be in the other. */
function lackingOn(
  { policy, projectPolicy }: GoogleBucketFacts,
  aim: StorageAim,
  { account, googleRoles, now }: { account: string; googleRoles: GoogleRoles | undefined; now: Date },
): string[] {
  if (policy.state !== "known" || projectPolicy.state !== "known") return [];
  const policies = [
    { of: `bucket ${aim.bucket}`, policy: policy.value },
    { of: "its project", policy: projectPolicy.value },
  ];
  const who = { kind: "account", email: account } as const;
  return (aim.writes ? OBJECT_WRITE : OBJECT_READ).filter((permission) => {
    const context = storageContext(permission, aim.bucket, aim.prefix, now);
    return grantsOf(who, permission, policies, context, googleRoles).verdict === "no";
  });
}
