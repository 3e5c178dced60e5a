import type { StorageAim } from "../../domain/aws-facts.ts";
import { edit, type Fix, awsCommand, safeAwsCommand } from "../../domain/finding.ts";
import { leastS3Policy } from "../../domain/iam/least-s3-policy.ts";
import { principalOf } from "../../domain/iam/principal.ts";
import { placeOf } from "../../domain/iam/s3-needs.ts";

/** A policy for each place: one name for all of them, and the second fix would undo the first. */
export function policyName({ bucket, prefix }: StorageAim): string {
  return ["antfly", bucket, ...(prefix === "" ? [] : [prefix.replace(/[^\w+=,.@-]+/g, "-")])].join("-").slice(0, 128);
}

/** Gives the identity the least that backups need there, beside what it has. */
export function allowFixes(aim: StorageAim, arn: string | undefined, kmsKeyArn?: string): Fix[] {
  const who = principalOf(arn);
  if (who === undefined) return [edit(`allow the key to list, read, write and remove objects in ${placeOf(aim)}`)];
  const { bucket } = aim;
  // Without the slash, places whose names only begin like it would be allowed as well.
  const prefix = aim.prefix === "" ? "" : `${aim.prefix}/`;
  const key = kmsKeyArn === undefined ? {} : { kmsKeyArn };
  const policy = policyName(aim);
  const document = JSON.stringify(leastS3Policy({ bucket, prefix, partition: who.partition, ...key }));
  return who.kind === "role"
    ? [
        awsCommand`aws iam put-role-policy --role-name ${who.name} --policy-name ${policy} --policy-document ${document}`,
      ]
    : [
        awsCommand`aws iam put-user-policy --user-name ${who.name} --policy-name ${policy} --policy-document ${document}`,
      ];
}

/** Shows the policies of the identity itself. */
export function policiesFix(arn: string | undefined): Fix[] {
  const who = principalOf(arn);
  if (who === undefined) return [edit("look for a Deny among the policies of the key's owner")];
  return who.kind === "role"
    ? [
        safeAwsCommand`aws iam list-role-policies --role-name ${who.name}`,
        safeAwsCommand`aws iam list-attached-role-policies --role-name ${who.name}`,
      ]
    : [
        safeAwsCommand`aws iam list-user-policies --user-name ${who.name}`,
        safeAwsCommand`aws iam list-attached-user-policies --user-name ${who.name}`,
      ];
}
