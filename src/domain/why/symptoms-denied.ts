import type { Clues } from "./clues.ts";
import { isStorageAction } from "./operations.ts";
import { high, low, medium, REFUSED, type Symptom } from "./symptom.ts";
import { theAction, theBucket, theCaller, theRole } from "./words.ts";

/** What only a workload of ours would be denied: agents of the node have rights of their own, and errors of their own. */
const OUR_ACTION = /^(s3|kms|secretsmanager|ssm|bedrock|sts):/i;
const POLICY = String.raw`(?:explicit deny in an? |because no )`;

const is =
  (action: RegExp) =>
  (clues: Clues): boolean =>
    action.test(clues.action ?? "");
const storage = ({ action }: Clues): boolean => isStorageAction(action);
const byRole = ({ caller }: Clues): boolean => caller?.kind === "assumed-role" || caller?.kind === "role";

/** The caller is a role already, and wants to become another one. */
function isSecondHop({ caller, role }: Clues): boolean {
  if (caller === undefined || role === undefined) return false;
  return caller.account !== role.account || (caller.kind === "assumed-role" && caller.name !== role.name);
}

const NO_PERMISSION = low(
  "irsa.role-no-permissions",
  (c) => `The role was assumed; none of its policies may allow ${theAction(c)}.`,
  byRole,
);

function theNode({ caller }: Clues): string {
  return caller === undefined ? "the node" : `node role ${caller.name}`;
}

/** AccessDenied, which names the kind of policy and who asked (failure catalogue, sections 3.4 and 4). */
export const DENIED: readonly Symptom[] = [
  {
    topic: "denied",
    seen: /protected by object lock|object lock (?:configuration|retention)/i,
    means: [
      high(
        "s3.object-lock-versioning",
        (c) => `Object Lock of ${theBucket(c)} keeps the object; no key may delete it.`,
      ),
    ],
  },
  {
    topic: "denied",
    seen: [/assumed-role\/[^\s/]{1,100}\/i-[0-9a-fx]{3}/i, REFUSED],
    when: ({ caller, action }) => caller?.node !== false && (action === undefined || OUR_ACTION.test(action)),
    means: [
      high(
        "irsa.sa-not-used",
        (c) => `The session is that of an instance: ${theNode(c)} asked, so the pod did not use a role of its own.`,
      ),
      medium("irsa.annotation-missing", "The ServiceAccount may not be annotated with a role."),
      medium(
        "irsa.node-role-fallback",
        (c) => `Without a role of its own the pod got that of ${theNode(c)} from the metadata service.`,
      ),
    ],
  },
  {
    topic: "denied",
    seen: [/sts:TagSession on resource/i, REFUSED],
    when: isSecondHop,
    means: [
      high(
        "epi.chain-no-tagsession",
        (c) =>
          `${theCaller(c)} may not pass its session tags on to ${theRole(c)}: a second hop, after Pod Identity has worked.`,
      ),
      low("epi.trust-no-tagsession", "On the first hop the trust policy would lack sts:TagSession."),
    ],
  },
  {
    topic: "denied",
    seen: [/sts:TagSession on resource/i, REFUSED],
    means: [
      medium(
        "epi.chain-no-tagsession",
        (c) =>
          `The trust policy of ${theRole(c)}, which the pod's role assumes, allows sts:AssumeRole without sts:TagSession.`,
      ),
      medium("epi.trust-no-tagsession", "If it is the pod's own role, its trust policy lacks sts:TagSession."),
    ],
  },
  {
    topic: "denied",
    seen: [/sts:TagSession/i, REFUSED],
    means: [
      medium(
        "epi.trust-no-tagsession",
        (c) => `The trust policy of ${theRole(c)} allows sts:AssumeRole without sts:TagSession.`,
      ),
      medium("epi.chain-no-tagsession", "If the pod's role assumes a further role, that one's trust policy is meant."),
    ],
  },
  {
    topic: "denied",
    seen: /\bKMS\.(?:Disabled|NotFound|KMSInvalidState)\w{0,12}/i,
    means: [high("s3.kms-denied", (c) => `The KMS key that encrypts ${theBucket(c)} is disabled or gone.`)],
  },
  {
    topic: "denied",
    seen: [
      /\bkms:(?:GenerateDataKey|Decrypt|Encrypt|DescribeKey|ReEncrypt)|\bKMS\.AccessDenied|AccessDenied.{0,300}\bkms:/i,
      REFUSED,
    ],
    means: [high("s3.kms-denied", (c) => `${theCaller(c)} may use the bucket, but not its KMS key: ${theAction(c)}.`)],
  },
  {
    topic: "denied",
    seen: [/sts:AssumeRole\b/i, REFUSED],
    unless: /AssumeRoleWith/i,
    means: [
      high(
        "irsa.cross-account",
        (c) =>
          `${theCaller(c)} may not assume ${theRole(c)}: its own policy or that role's trust policy does not allow it.`,
      ),
    ],
  },
  {
    topic: "denied",
    seen: new RegExp(`${POLICY}(?:service control policy|resource control policy|permissions boundary)`, "i"),
    when: storage,
    means: [
      high(
        "irsa.boundary-scp-rcp",
        (c) =>
          `A ${/service control policy|resource control policy|permissions boundary/i.exec(c.flat)?.[0].toLowerCase()} stops ${theAction(c)}, whatever the role's own policies say.`,
      ),
    ],
  },
  {
    topic: "denied",
    seen: new RegExp(`${POLICY}session policy`, "i"),
    when: storage,
    means: [
      high(
        "irsa.boundary-scp-rcp",
        (c) => `The policy that the session was made with stops ${theAction(c)}; the role itself may be allowed it.`,
      ),
    ],
  },
  {
    topic: "denied",
    seen: new RegExp(`${POLICY}VPC endpoint policy`, "i"),
    when: storage,
    means: [high("s3.vpce-policy", (c) => `The policy of the VPC endpoint stops ${theAction(c)}.`)],
  },
  {
    topic: "denied",
    seen: /explicit deny in a resource-based policy/i,
    when: storage,
    means: [high("s3.bucket-policy-deny", (c) => `A Deny in the policy of ${theBucket(c)} matches ${theCaller(c)}.`)],
  },
  {
    topic: "denied",
    seen: /because no resource-based policy/i,
    when: storage,
    means: [
      high(
        "aws.wrong-account",
        (c) => `${theBucket(c)} belongs to another account, and its policy does not admit ${theCaller(c)}.`,
      ),
      medium("s3.bucket-policy-deny", "The bucket's policy has to allow callers of other accounts."),
    ],
  },
  {
    topic: "denied",
    seen: /explicit deny in an identity-based policy/i,
    when: storage,
    means: [
      high("irsa.explicit-deny", (c) => `A Deny in a policy of ${theCaller(c)} itself matches ${theAction(c)}.`),
      NO_PERMISSION,
    ],
  },
  ...(
    [
      [
        /^s3:CreateBucket$/i,
        "antfly.bucket-autocreate",
        "The bucket that is asked for does not exist, so that the database tried to create it",
      ],
      [/^s3:GetBucketLocation$/i, "s3.location-perm", "s3:GetBucketLocation is not allowed"],
      [
        /^s3:(AbortMultipartUpload|ListMultipartUploadParts|ListBucketMultipartUploads)$/i,
        "s3.multipart-perms",
        "The permissions for uploads in parts are not complete",
      ],
      [
        /^s3:ListAllMyBuckets$/i,
        "s3.listallmybuckets-confusion",
        "s3:ListAllMyBuckets was asked for, which lists buckets; to list objects takes s3:ListBucket",
      ],
    ] as const
  ).map(([action, cause, because]): Symptom => ({
    topic: "denied",
    seen: /not authorized|AccessDenied|Access Denied|Forbidden|\b403\b/i,
    when: is(action),
    means: [high(cause, (c) => `${because} (${theCaller(c)}, ${theBucket(c)}).`), NO_PERMISSION],
  })),
  {
    topic: "denied",
    seen: [/s3:ListBucket\b/i, REFUSED],
    when: is(/^s3:ListBucket$/i),
    means: [
      high(
        "s3.no-listbucket",
        (c) =>
          `No policy of ${theCaller(c)} allows s3:ListBucket on ${theBucket(c)} itself; on BUCKET/* it has no effect.`,
      ),
      medium("s3.prefix-condition", "A condition on s3:prefix may leave out the prefix of the backups."),
      NO_PERMISSION,
    ],
  },
  {
    topic: "denied",
    seen: /not authorized to perform/i,
    when: is(/^s3:(Get|Put|Delete|Head)Object\w*$/i),
    means: [
      medium(
        "irsa.role-no-permissions",
        (c) =>
          `Role ${c.caller?.name} was assumed, so its trust is in order; none of its policies allows ${theAction(c)}.`,
        byRole,
      ),
      medium(
        "s3.object-arn-missing-star",
        (c) => `${theAction(c)} has to be allowed on ${c.bucket ?? "BUCKET"}/*, not on the bucket alone.`,
      ),
    ],
  },
  {
    topic: "denied",
    seen: /not authorized to perform/i,
    when: is(/^s3:/i),
    means: [medium("irsa.role-no-permissions", (c) => `No policy of ${theCaller(c)} allows ${theAction(c)}.`)],
  },
];
