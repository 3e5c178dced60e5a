import type { Clues } from "./clues.ts";
import { isStorageAction } from "./operations.ts";
import { low, medium, type Symptom } from "./symptom.ts";
import { theAction, theBucket, theCaller } from "./words.ts";

const seen =
  /\bAccessDenied\b|<Code>AccessDenied|api error AccessDenied|\bAccess Denied\.? \(Service: (?:Amazon )?S3|(?:s3|bucket|minio).{0,200}\bAccess Denied\b|\(403\) when calling/i;
/** Zig's name for a file that may not be opened, MySQL's refusal, and denials that say more. */
const unless = /error\.AccessDenied|Access denied for user|AccessDeniedException|not authorized to perform/i;
const onObjects = ({ action }: Clues): boolean => /^s3:(Get|Put|Delete)Object$/i.test(action ?? "");

const ELSEWHERE = [
  low("aws.wrong-account", "The bucket may belong to another account, or the key may."),
  low("s3.bucket-policy-deny", "The bucket's policy may deny it."),
] as const;

/** `Access Denied` and no more: what buckets of other accounts and stores of one's own say (failure catalogue, section 3.4). */
export const BARE_DENIED: readonly Symptom[] = [
  {
    topic: "denied",
    seen: [/\berror(?:\.|: )AccessDenied\b/i, /\b(?:s3|gs|gcs):\/\/|\bbucket\b|backup/i],
    means: [
      medium(
        "aws.key-unknown",
        "The database says AccessDenied of each 401 and 403 of a store, so that the key may be unknown to it.",
      ),
      medium("aws.secret-wrong", "Or the secret key may be wrong."),
      medium("s3.no-listbucket", "Or the key may not do what it was used for."),
      low("s3.bucket-policy-deny", "Or the bucket's policy may deny it."),
    ],
  },
  {
    topic: "denied",
    seen,
    unless,
    when: ({ action }) => action === "s3:ListBucket" || action === "s3:GetObject",
    means: [
      medium("s3.no-listbucket", (c) =>
        c.action === "s3:ListBucket"
          ? `${theCaller(c)} may not list ${theBucket(c)}; the answer does not say which policy is missing it.`
          : "Without s3:ListBucket S3 says 403 of an object that is not there, instead of 404.",
      ),
      medium("s3.object-arn-missing-star", "s3:GetObject may be allowed on the bucket instead of BUCKET/*.", onObjects),
      ...ELSEWHERE,
    ],
  },
  {
    topic: "denied",
    seen,
    unless,
    when: onObjects,
    means: [
      medium(
        "s3.object-arn-missing-star",
        (c) => `${theAction(c)} has to be allowed on ${c.bucket ?? "BUCKET"}/*, not on the bucket alone.`,
      ),
      ...ELSEWHERE,
    ],
  },
  {
    topic: "denied",
    seen: [
      /\bAccessDenied\b|\bAccess Denied\b/i,
      /\bs3\b|minio|bucket|<Code>AccessDenied|\bAccessDenied: Access Denied|Error Code: AccessDenied/i,
    ],
    unless,
    when: ({ action }) => isStorageAction(action),
    means: [
      medium(
        "aws.wrong-account",
        (c) => `A bare Access Denied is what S3 says when ${theBucket(c)} belongs to another account.`,
      ),
      medium("s3.bucket-policy-deny", "The bucket's policy may deny it."),
      medium(
        "s3.no-listbucket",
        "Or the key may not do what it was used for; without s3:ListBucket even a missing object is denied.",
      ),
    ],
  },
];
