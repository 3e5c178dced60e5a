import type { Step } from "../domain/plan.ts";
import type { GoogleBucketInput } from "./workload-identity-input.ts";

/** A key for the protocol of S3 that is to be made for a Google service account. */
export interface HmacInput {
  /** Email. */
  readonly account: string;
  readonly project: string;
  /** What the account needs on its buckets. */
  readonly role: string;
  readonly buckets: readonly GoogleBucketInput[];
}

/** The role on the buckets themselves, and then the key: requests that are signed with it have the account's rights. */
export function hmacSteps({ account, project, role, buckets }: HmacInput): Step[] {
  const member = `serviceAccount:${account}`;
  const binds = buckets
    .filter(({ isBound }) => !isBound)
    .map(({ name }): Step => ({
      id: `bucket-${name}`,
      title: `give Google service account ${account} role ${role} on bucket ${name}`,
      do: "google.bucket.bind",
      with: { bucket: name, role, member },
      undo: "auto",
      diff: [`+ ${role}: ${member}`],
    }));
  return [
    ...binds,
    {
      id: "hmac-key",
      title: `create an HMAC key of Google service account ${account} in project ${project}`,
      do: "google.hmac.create",
      with: { account, project },
      undo: "auto",
      diff: [`+ a key of ${account}`],
    },
  ];
}
