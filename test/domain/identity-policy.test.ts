import fc from "fast-check";
import { expect, test } from "vitest";

import { parseIdentityPolicy } from "../../src/domain/iam/identity-policy.ts";
import { leastS3Policy } from "../../src/domain/iam/least-s3-policy.ts";
import { kindOfPolicy } from "../../src/domain/iam/policy-kind.ts";
import type { IdentityPolicy, PolicyProblem, S3Aim } from "../../src/domain/iam/policy-types.ts";
import { DANGEROUS, S3_ACTIONS } from "../../src/domain/iam/s3-actions.ts";
import { lintS3Policy } from "../../src/domain/iam/s3-lint.ts";
import { escaped, fits } from "../../src/domain/iam/s3-pattern.ts";

interface Statement {
  Sid?: string;
  Effect: string;
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: Record<string, Record<string, unknown>>;
}

const AIM: S3Aim = { bucket: "b", prefix: "backups" };
const BUCKET = "arn:aws:s3:::b";
const OBJECTS = "arn:aws:s3:::b/*";
const ON_BUCKET = ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"];
const ON_OBJECTS = [
  "s3:GetObject",
  "s3:PutObject",
  "s3:DeleteObject",
  "s3:AbortMultipartUpload",
  "s3:ListMultipartUploadParts",
];

const allow = (Action: string | string[], Resource: string | string[], more: Partial<Statement> = {}): Statement => ({
  Effect: "Allow",
  Action,
  Resource,
  ...more,
});
const deny = (Action: string | string[], Resource: string | string[], more: Partial<Statement> = {}): Statement => ({
  ...allow(Action, Resource, more),
  Effect: "Deny",
});
const when = (operator: string, prefix: unknown, key = "s3:prefix"): Partial<Statement> => ({
  Condition: { [operator]: { [key]: prefix } },
});
const policyOf = (...Statement: Statement[]): object => ({ Version: "2012-10-17", Statement });
const bucket = (more: Partial<Statement> = {}): Statement => allow(ON_BUCKET, BUCKET, more);
const objects = (more: Partial<Statement> = {}): Statement => allow(ON_OBJECTS, OBJECTS, more);

function parsed(value: unknown): IdentityPolicy {
  const result = parseIdentityPolicy(value);
  if (!("policy" in result)) throw new Error(`${result.path}: ${result.problem}`);
  return result.policy;
}

const lint = (value: unknown, aim?: S3Aim): PolicyProblem[] => lintS3Policy(parsed(value), aim);
const said = (problems: readonly PolicyProblem[]): string[] =>
  problems.map(({ severity, cause, path }) => `${severity} ${cause} ${path}`).sort();

/** Ways to write a policy that gives backups what they need, and nothing that one would remark on. */
const LEAST: [string, object][] = [
  ["the least-privilege policy", leastS3Policy(AIM)],
  ["with the slash", leastS3Policy({ ...AIM, prefix: "backups/" })],
  ["for the whole bucket", leastS3Policy({ ...AIM, prefix: "" })],
  ["in China", leastS3Policy({ ...AIM, partition: "aws-cn" })],
  ["in GovCloud", leastS3Policy({ ...AIM, partition: "aws-us-gov" })],
  ["in a partition of tomorrow", leastS3Policy({ ...AIM, partition: "aws-eusc" })],
  ["with a KMS key", leastS3Policy({ ...AIM, kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/1" })],
  ["as one object", { Version: "2012-10-17", Statement: allow([...ON_BUCKET, ...ON_OBJECTS], [BUCKET, OBJECTS]) }],
  ["one statement that mixes both levels", policyOf(allow([...ON_BUCKET, ...ON_OBJECTS], [BUCKET, OBJECTS]))],
  ["the other order", policyOf(objects(), bucket())],
  [
    "one statement for each action",
    policyOf(...ON_BUCKET.map((a) => allow(a, BUCKET)), ...ON_OBJECTS.map((a) => allow(a, OBJECTS))),
  ],
  [
    "in capitals",
    policyOf(
      allow(
        ON_BUCKET.map((a) => a.toUpperCase()),
        BUCKET,
      ),
      objects(),
    ),
  ],
  [
    "in small letters",
    policyOf(
      bucket(),
      allow(
        ON_OBJECTS.map((a) => a.toLowerCase()),
        OBJECTS,
      ),
    ),
  ],
  ["with s3:GetObject*", policyOf(bucket(), allow(["s3:GetObject*", ...ON_OBJECTS.slice(1)], OBJECTS))],
  ["with wildcards for objects", policyOf(bucket(), allow(["s3:*Object", "s3:*Multipart*"], OBJECTS))],
  ["with s3:List* and s3:Get* on the bucket", policyOf(allow(["s3:List*", "s3:Get*"], BUCKET), objects())],
  ["with one pattern for bucket and objects", policyOf(allow([...ON_BUCKET, ...ON_OBJECTS], "arn:aws:s3:::b*"))],
  ["with any partition", policyOf(allow([...ON_BUCKET, ...ON_OBJECTS], ["arn:*:s3:::b", "arn:*:s3:::b/*"]))],
  [
    "with several buckets",
    policyOf(allow(ON_BUCKET, [BUCKET, "arn:aws:s3:::c"]), allow(ON_OBJECTS, [OBJECTS, "arn:aws:s3:::c/*"])),
  ],
  [
    "with other services",
    policyOf(
      bucket(),
      objects(),
      allow("dynamodb:*", "*"),
      allow(["sqs:SendMessage"], "arn:aws:sqs:eu-west-1:123456789012:q"),
      allow(["kms:GenerateDataKey", "kms:Decrypt"], "*"),
      { Effect: "Deny", NotAction: "iam:*", Resource: "*", Condition: { Bool: { "aws:ViaAWSService": "false" } } },
    ),
  ],
  ["with what the console wants", policyOf(bucket(), objects(), allow(["s3:ListAllMyBuckets"], "*"))],
  [
    "with what the console wants, as AWS writes it",
    policyOf(bucket(), objects(), allow(["s3:ListAllMyBuckets", "s3:GetBucketLocation"], "arn:aws:s3:::*")),
  ],
  [
    "with a Deny for plain HTTP",
    policyOf(bucket(), objects(), deny("s3:*", [BUCKET, OBJECTS], when("Bool", "false", "aws:SecureTransport"))),
  ],
  [
    "with a Deny for all other buckets",
    policyOf(bucket(), objects(), { Effect: "Deny", Action: "s3:*", NotResource: [BUCKET, OBJECTS] }),
  ],
  ["with a Deny for a part of the prefix", policyOf(bucket(), objects(), deny("s3:*", `${BUCKET}/backups/kept/*`))],
  ["with a Deny for what backups do not do", policyOf(bucket(), objects(), deny("s3:DeleteBucket*", BUCKET))],
  [
    "with a Deny for uploads without encryption",
    policyOf(
      bucket(),
      objects(),
      deny("s3:PutObject", OBJECTS, when("Null", "true", "s3:x-amz-server-side-encryption")),
    ),
  ],
  ["for one address only", policyOf(bucket(when("IpAddress", "10.0.0.0/8", "aws:SourceIp")), objects())],
  ["for the user's own folder", policyOf(bucket(), allow(ON_OBJECTS, "arn:aws:s3:::b/${aws:username}/*"))],
  ["with the ARNs of a template", policyOf(allow([...ON_BUCKET, ...ON_OBJECTS], ["${bucket_arn}", "${bucket_arn}/*"]))],
  [
    "through an access point",
    policyOf(
      allow(
        [...ON_BUCKET, ...ON_OBJECTS],
        [
          "arn:aws:s3:eu-west-1:123456789012:accesspoint/ap",
          "arn:aws:s3:eu-west-1:123456789012:accesspoint/ap/object/*",
        ],
      ),
    ),
  ],
];

test.each(LEAST)("%s is fine", (_, value) => {
  expect(said(lint(value))).toEqual([]);
  expect(said(lint(value, AIM))).toEqual([]);
});

test.each<[string, Partial<Statement>, string]>([
  ["StringLike", when("StringLike", ["backups*"]), "backups"],
  ["StringLike with the slash", when("StringLike", "backups/*"), "backups/"],
  ["StringLike below", when("StringLike", ["backups", "backups/*"]), "backups/nightly"],
  ["StringEquals", when("StringEquals", ["", "backups"]), "backups"],
  ["StringEqualsIgnoreCase", when("StringEqualsIgnoreCase", "BACKUPS"), "backups"],
  ["IfExists", when("StringLikeIfExists", "backups*"), "backups"],
  ["ForAnyValue", when("ForAnyValue:StringLike", ["x", "backups*"]), "backups"],
  ["ForAllValues", when("ForAllValues:StringEquals", "backups"), "backups"],
  ["StringNotLike", when("StringNotLike", "private/*"), "backups"],
  ["a key in capitals", when("StringLike", "backups*", "S3:Prefix"), "backups"],
  ["a policy variable", when("StringLike", "${aws:PrincipalTag/folder}*"), "backups"],
  ["an empty prefix, which may be sent or not", when("StringEquals", ""), ""],
  ["no prefix, which may be sent or not", when("Null", "true"), ""],
  ["any prefix", when("Null", "false"), "backups"],
  ["an operator for other things", when("NumericLessThan", "5"), "backups"],
])("a condition on s3:prefix that the prefix meets: %s", (_, condition, prefix) => {
  const value = policyOf(allow("s3:ListBucket", BUCKET, condition), allow(ON_BUCKET.slice(1), BUCKET), objects());
  expect(said(lint(value, { bucket: "b", prefix }))).toEqual([]);
  expect(said(lint(value))).toEqual([]);
});

test("a condition on s3:prefix for the whole bucket statement keeps the bucket's region back, which is not needed", () => {
  const value = policyOf(bucket(when("StringLike", ["backups*"])), objects());
  const info = ["info s3.location-perm /Statement/0/Condition/StringLike/s3:prefix"];
  expect(said(lint(value, AIM))).toEqual(info);
  expect(said(lint(value))).toEqual(info);
});

test.each<[string, Partial<Statement>, string, string]>([
  ["another prefix", when("StringLike", "other/*"), "backups", "error"],
  ["StringEquals takes a star as it is", when("StringEquals", "backups/*"), "backups/nightly", "error"],
  ["StringEquals is exact", when("StringEquals", "backups"), "backups/nightly", "error"],
  ["the case of a prefix counts", when("StringLike", "Backups*"), "backups", "error"],
  ["none of several", when("StringLike", ["", "home/", "home/x/*"]), "backups", "error"],
  ["IfExists, and it does", when("StringLikeIfExists", "other/*"), "backups", "error"],
  ["ForAnyValue", when("ForAnyValue:StringLike", ["other/*"]), "backups", "error"],
  ["ForAllValues", when("ForAllValues:StringEquals", ["other"]), "backups", "error"],
  ["StringNotLike", when("StringNotLike", "back*"), "backups", "error"],
  ["a listing of nothing but the top", when("Null", "true"), "backups", "error"],
  ["a prefix where none is configured", when("StringLike", "backups/*"), "", "error"],
  ["only the slash is missing", when("StringLike", "backups/*"), "backups", "warning"],
  ["only the slash is too much", when("StringEquals", "backups"), "backups/", "warning"],
])("a condition on s3:prefix that shuts the prefix out: %s", (_, condition, prefix, severity) => {
  const value = policyOf(allow("s3:ListBucket", BUCKET, condition), allow(ON_BUCKET.slice(1), BUCKET), objects());
  const operator = Object.keys(condition.Condition ?? {})[0];
  expect(said(lint(value, { bucket: "b", prefix }))).toEqual([
    `${severity} s3.prefix-condition /Statement/0/Condition/${operator}/s3:prefix`,
  ]);
  expect(said(lint(value))).toEqual([]);
});

/** Name, policy, aim or none, and all that is said. */
type Bad = [string, object, S3Aim | undefined, string[]];
const GUIDE = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"];
const REST = ["info s3.location-perm /Statement/0/Action", "warning s3.multipart-perms /Statement/0/Action"];

const BAD: Bad[] = [
  ["the guide's own policy works", policyOf(allow(GUIDE, [BUCKET, OBJECTS])), AIM, REST],
  ["the guide's own policy, without an aim", policyOf(allow(GUIDE, [BUCKET, OBJECTS])), undefined, REST],
  [
    "no statement lists",
    policyOf(allow(ON_BUCKET.slice(1), BUCKET), objects()),
    AIM,
    ["error s3.no-listbucket /Statement/0/Action"],
  ],
  [
    "no statement lists, and nobody said that one should",
    policyOf(allow(ON_BUCKET.slice(1), BUCKET), objects()),
    undefined,
    ["warning s3.no-listbucket /Statement/0/Action"],
  ],
  [
    "listing is allowed on the objects",
    policyOf(allow(ON_BUCKET.slice(1), BUCKET), allow([...ON_OBJECTS, "s3:ListBucket"], OBJECTS)),
    AIM,
    ["error s3.no-listbucket /Statement/1/Resource"],
  ],
  [
    "listing is allowed on the objects, in a list",
    policyOf(allow(ON_BUCKET.slice(1), BUCKET), allow(["s3:ListBucket"], ["arn:aws:s3:::c", OBJECTS]), objects()),
    AIM,
    ["error s3.no-listbucket /Statement/1/Resource/1"],
  ],
  [
    "listing is allowed on the objects, without an aim",
    policyOf(allow(ON_BUCKET.slice(1), BUCKET), allow([...ON_OBJECTS, "s3:ListBucket"], OBJECTS)),
    undefined,
    ["error s3.no-listbucket /Statement/1/Resource"],
  ],
  [
    "listing is allowed on one of two buckets",
    policyOf(
      allow([...ON_BUCKET, ...ON_OBJECTS], [BUCKET, OBJECTS, "arn:aws:s3:::c/*"]),
      allow(ON_BUCKET.slice(1), "arn:aws:s3:::c"),
    ),
    undefined,
    ["error s3.no-listbucket /Statement/0/Resource/2"],
  ],
  [
    "the buckets are listed, not the bucket",
    policyOf(allow("s3:ListAllMyBuckets", "*"), allow(ON_BUCKET.slice(1), BUCKET), objects()),
    AIM,
    ["error s3.listallmybuckets-confusion /Statement/0/Action"],
  ],
  [
    "the buckets are listed on the bucket",
    policyOf(
      allow(["s3:GetBucketLocation", "s3:ListAllMyBuckets", "s3:ListBucketMultipartUploads"], BUCKET),
      objects(),
    ),
    undefined,
    ["warning s3.listallmybuckets-confusion /Statement/0/Action/1"],
  ],
  [
    "the buckets are listed on the bucket too",
    policyOf(allow([...ON_BUCKET, "s3:ListAllMyBuckets"], BUCKET), objects()),
    AIM,
    ["warning s3.action-level /Statement/0/Action/3"],
  ],
  [
    "the star is missing",
    policyOf(allow([...ON_BUCKET, ...ON_OBJECTS], BUCKET)),
    AIM,
    ["error s3.object-arn-missing-star /Statement/0/Resource"],
  ],
  [
    "the star is missing, without an aim",
    policyOf(allow([...ON_BUCKET, ...ON_OBJECTS], [BUCKET])),
    undefined,
    ["error s3.object-arn-missing-star /Statement/0/Resource/0"],
  ],
  [
    "the star is missing after the slash",
    policyOf(bucket(), allow(ON_OBJECTS, `${BUCKET}/`)),
    AIM,
    ["error s3.object-arn-missing-star /Statement/1/Resource"],
  ],
  [
    "the star is missing after the slash, without an aim",
    policyOf(bucket(), allow(ON_OBJECTS, `${BUCKET}/backups/`)),
    undefined,
    ["error s3.object-arn-missing-star /Statement/1/Resource"],
  ],
  [
    "the star is missing after the prefix",
    policyOf(bucket(), allow(ON_OBJECTS, [`${BUCKET}/backups`])),
    AIM,
    ["error s3.object-arn-missing-star /Statement/1/Resource/0"],
  ],
  [
    "the star is missing for one action",
    policyOf(bucket(), allow(ON_OBJECTS.slice(1), OBJECTS), allow("s3:GetObject", BUCKET)),
    AIM,
    ["error s3.object-arn-missing-star /Statement/2/Resource"],
  ],
  [
    "the star is missing for tags",
    policyOf(bucket(), objects(), allow("s3:GetObjectTagging", BUCKET)),
    AIM,
    ["warning s3.object-arn-missing-star /Statement/2/Resource"],
  ],
  [
    "the star is missing on the second bucket",
    policyOf(bucket(), objects(), allow(["s3:ListBucket", "s3:GetObject"], "arn:aws:s3:::c")),
    AIM,
    ["error s3.object-arn-missing-star /Statement/2/Resource"],
  ],
  [
    "the condition is on reading and writing too",
    policyOf(allow([...ON_BUCKET, ...ON_OBJECTS], [BUCKET, OBJECTS], when("StringLike", "backups*"))),
    AIM,
    [
      "error s3.prefix-condition /Statement/0/Condition/StringLike/s3:prefix",
      "info s3.location-perm /Statement/0/Condition/StringLike/s3:prefix",
    ],
  ],
  [
    "the condition is on reading and writing, without an aim",
    policyOf(bucket(), allow(ON_OBJECTS, OBJECTS, when("StringEquals", "/", "s3:delimiter"))),
    undefined,
    ["error s3.prefix-condition /Statement/1/Condition/StringEquals/s3:delimiter"],
  ],
  [
    "a Deny for all other prefixes",
    policyOf(bucket(), objects(), deny("s3:ListBucket", BUCKET, when("StringNotLike", "other*"))),
    AIM,
    ["error s3.prefix-condition /Statement/2/Condition/StringNotLike/s3:prefix"],
  ],
  [
    "uploads cannot be ended",
    policyOf(
      bucket(),
      allow(
        ON_OBJECTS.filter((a) => a !== "s3:AbortMultipartUpload"),
        OBJECTS,
      ),
    ),
    AIM,
    ["warning s3.multipart-perms /Statement/1/Action"],
  ],
  [
    "parts cannot be listed",
    policyOf(bucket(), allow(ON_OBJECTS.slice(0, 4), OBJECTS)),
    undefined,
    ["warning s3.multipart-perms /Statement/1/Action"],
  ],
  [
    "uploads cannot be listed",
    policyOf(allow(ON_BUCKET.slice(0, 2), BUCKET), objects()),
    AIM,
    ["info s3.multipart-perms /Statement/0/Action"],
  ],
  [
    "the region cannot be asked for",
    policyOf(allow(["s3:ListBucket", "s3:ListBucketMultipartUploads"], BUCKET), objects()),
    AIM,
    ["info s3.location-perm /Statement/0/Action"],
  ],
  [
    "nothing can be read",
    policyOf(bucket(), allow(ON_OBJECTS.slice(1), OBJECTS)),
    AIM,
    ["error s3.action-missing /Statement/1/Action"],
  ],
  [
    "nothing can be written",
    policyOf(
      bucket(),
      allow(
        ON_OBJECTS.filter((a) => a !== "s3:PutObject"),
        OBJECTS,
      ),
    ),
    AIM,
    ["error s3.action-missing /Statement/1/Action"],
  ],
  [
    "nothing can be deleted",
    policyOf(
      bucket(),
      allow(
        ON_OBJECTS.filter((a) => a !== "s3:DeleteObject"),
        OBJECTS,
      ),
    ),
    AIM,
    ["warning s3.action-missing /Statement/1/Action"],
  ],
  [
    "another prefix",
    policyOf(bucket(), allow(ON_OBJECTS, `${BUCKET}/other/*`)),
    AIM,
    ["error s3.object-prefix /Statement/1/Resource"],
  ],
  [
    "a part of the prefix",
    policyOf(bucket(), allow(ON_OBJECTS, [`${BUCKET}/backups/nightly/*`])),
    AIM,
    ["warning s3.object-prefix /Statement/1/Resource/0"],
  ],
  [
    "another bucket",
    policyOf(bucket(), objects()),
    { bucket: "bb", prefix: "" },
    ["error s3.bucket-not-named /Statement/0/Resource"],
  ],
  [
    "quite another bucket",
    policyOf(bucket(), objects()),
    { bucket: "antfly-backups", prefix: "" },
    ["error s3.bucket-not-named /Statement"],
  ],
  ["another service", policyOf(allow("dynamodb:*", "*")), AIM, ["error s3.bucket-not-named /Statement"]],
  [
    "everything",
    policyOf(allow("*", "*")),
    AIM,
    ["warning s3.policy-too-broad /Statement/0/Action", "warning s3.policy-too-broad /Statement/0/Resource"],
  ],
  [
    "everything in S3",
    policyOf(allow(["s3:*"], ["*"])),
    undefined,
    ["warning s3.policy-too-broad /Statement/0/Action/0", "warning s3.policy-too-broad /Statement/0/Resource/0"],
  ],
  [
    "everything in the bucket",
    policyOf(allow("S3:*", [BUCKET, OBJECTS])),
    AIM,
    ["warning s3.policy-too-broad /Statement/0/Action"],
  ],
  [
    "everything with the objects",
    policyOf(bucket(), allow(["s3:*"], OBJECTS)),
    AIM,
    ["warning s3.policy-too-broad /Statement/1/Action/0"],
  ],
  [
    "every bucket",
    policyOf(allow(ON_BUCKET, "arn:aws:s3:::*"), objects()),
    AIM,
    ["warning s3.policy-too-broad /Statement/0/Resource"],
  ],
  [
    "every object",
    policyOf(bucket(), allow(ON_OBJECTS, [OBJECTS, "arn:aws:s3:::*/*"])),
    AIM,
    ["warning s3.policy-too-broad /Statement/1/Resource/1"],
  ],
  [
    "every bucket's backups",
    policyOf(bucket(), allow(ON_OBJECTS, "arn:aws:s3:::*/backups/*")),
    AIM,
    ["warning s3.policy-too-broad /Statement/1/Resource"],
  ],
  [
    "all of S3 by a shorter ARN",
    policyOf(allow([...ON_BUCKET, ...ON_OBJECTS], "arn:aws:s3:*")),
    AIM,
    ["warning s3.policy-too-broad /Statement/0/Resource"],
  ],
  [
    "all but",
    policyOf({ Effect: "Allow", NotAction: "iam:*", Resource: "*" }),
    AIM,
    ["warning s3.policy-too-broad /Statement/0/NotAction", "warning s3.policy-too-broad /Statement/0/Resource"],
  ],
  [
    "all but deleting the bucket",
    policyOf({ Effect: "Allow", NotAction: ["s3:DeleteBucket"], Resource: [BUCKET, OBJECTS] }),
    AIM,
    ["warning s3.policy-too-broad /Statement/0/NotAction"],
  ],
  [
    "all buckets but",
    policyOf({ Effect: "Allow", Action: [...ON_BUCKET, ...ON_OBJECTS], NotResource: "arn:aws:s3:::c" }),
    AIM,
    ["warning s3.policy-too-broad /Statement/0/NotResource"],
  ],
  [
    "a wildcard that gives the bucket away",
    policyOf(allow([...ON_BUCKET, ...ON_OBJECTS, "s3:Put*"], [BUCKET, OBJECTS])),
    AIM,
    ["warning s3.policy-too-broad /Statement/0/Action/8"],
  ],
  [
    "a wildcard that deletes the bucket",
    policyOf(bucket(), objects(), allow("s3:Delete*", "arn:aws:s3:::b*")),
    undefined,
    ["warning s3.policy-too-broad /Statement/2/Action"],
  ],
  [
    "a slip",
    policyOf(bucket(), allow(["s3:GetObjct", ...ON_OBJECTS.slice(1)], OBJECTS)),
    AIM,
    ["error s3.action-unknown /Statement/1/Action/0"],
  ],
  [
    "a slip that changes nothing",
    policyOf(bucket(), objects(), allow("s3:PutObjects", OBJECTS)),
    AIM,
    ["warning s3.action-unknown /Statement/2/Action"],
  ],
  [
    "a slip with a star",
    policyOf(bucket(), allow(["s3:GetObejct*", ...ON_OBJECTS.slice(1)], OBJECTS)),
    AIM,
    ["error s3.action-unknown /Statement/1/Action/0"],
  ],
  [
    "a slip in a Deny",
    policyOf(bucket(), objects(), deny("s3:DeleteBuckt", BUCKET)),
    AIM,
    ["warning s3.action-unknown /Statement/2/Action"],
  ],
  [
    "the call instead of the action",
    policyOf(allow(["s3:ListObjectsV2", "s3:GetBucketLocation", "s3:ListMultipartUploads"], BUCKET), objects()),
    AIM,
    ["error s3.action-unknown /Statement/0/Action/0", "error s3.action-unknown /Statement/0/Action/2"],
  ],
  [
    "one call, two actions",
    policyOf(bucket(), allow(["s3:CopyObject", ...ON_OBJECTS.slice(2)], OBJECTS)),
    AIM,
    ["error s3.action-unknown /Statement/1/Action/0"],
  ],
  [
    "an action that is not known",
    policyOf(bucket(), objects(), allow("s3:TeleportSomething", OBJECTS)),
    AIM,
    ["info s3.action-unknown /Statement/2/Action"],
  ],
  [
    "uploads are listed on objects",
    policyOf(allow(ON_BUCKET.slice(0, 2), BUCKET), allow([...ON_OBJECTS, "s3:ListBucketMultipartUploads"], OBJECTS)),
    AIM,
    ["warning s3.action-level /Statement/1/Action/5"],
  ],
  [
    "a bucket's setting on objects",
    policyOf(bucket(), allow([...ON_OBJECTS, "s3:GetBucketVersioning"], OBJECTS)),
    undefined,
    ["warning s3.action-level /Statement/1/Action/5"],
  ],
  [
    "two partitions",
    policyOf(bucket(), allow(ON_OBJECTS, "arn:aws-cn:s3:::b/*")),
    AIM,
    ["error s3.partition-mixed /Statement/1/Resource"],
  ],
  [
    "a key in another partition",
    policyOf(bucket(), objects(), allow("kms:Decrypt", ["arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/1"])),
    undefined,
    ["error s3.partition-mixed /Statement/2/Resource/0"],
  ],
  [
    "a Deny of the very thing",
    policyOf(bucket(), objects(), deny("s3:PutObject", OBJECTS)),
    AIM,
    ["error s3.explicit-deny /Statement/2/Action"],
  ],
  [
    "a Deny of the very thing, without an aim",
    policyOf(bucket(), objects(), deny("s3:PutObject", OBJECTS)),
    undefined,
    ["error s3.explicit-deny /Statement/2/Action"],
  ],
  [
    "a Deny of more",
    policyOf(bucket(), objects(), deny(["s3:PutBucket*", "s3:Delete*"], [BUCKET, OBJECTS])),
    AIM,
    ["warning s3.explicit-deny /Statement/2/Action/1"],
  ],
  [
    "a Deny of all but reading",
    policyOf(bucket(), objects(), { Effect: "Deny", NotAction: ["s3:Get*", "s3:List*"], Resource: "*" }),
    AIM,
    ["error s3.explicit-deny /Statement/2/NotAction"],
  ],
  [
    "a Deny of all but another bucket",
    policyOf(bucket(), objects(), {
      Effect: "Deny",
      Action: "s3:*",
      NotResource: ["arn:aws:s3:::c", "arn:aws:s3:::c/*"],
    }),
    AIM,
    ["error s3.explicit-deny /Statement/2/Action"],
  ],
  [
    "a Deny of listing with other prefixes, of everything",
    policyOf(bucket(), objects(), deny("s3:*", [BUCKET, OBJECTS], when("StringNotLike", "backups*"))),
    AIM,
    ["error s3.explicit-deny /Statement/2/Action"],
  ],
  [
    "a bucket without its ARN",
    policyOf(allow(ON_BUCKET, "antfly-backups"), allow(ON_OBJECTS, ["antfly-backups/*"])),
    { bucket: "antfly-backups", prefix: "" },
    ["error s3.arn-malformed /Statement/0/Resource", "error s3.arn-malformed /Statement/1/Resource/0"],
  ],
  [
    "a bucket as a URL",
    policyOf(bucket(), allow(ON_OBJECTS, "s3://antfly-backups/*"), allow(ON_BUCKET, "arn:aws:s3:::antfly-backups")),
    undefined,
    ["error s3.arn-malformed /Statement/1/Resource"],
  ],
  [
    "two colons",
    policyOf(bucket(), allow(ON_OBJECTS, "arn:aws:s3::b/*")),
    AIM,
    ["error s3.arn-malformed /Statement/1/Resource"],
  ],
  [
    "a region and an account",
    policyOf(bucket(), allow(ON_OBJECTS, "arn:aws:s3:eu-west-1:123456789012:b/*")),
    AIM,
    ["error s3.arn-malformed /Statement/1/Resource"],
  ],
  [
    "S3 in capitals",
    policyOf(bucket(), allow(ON_OBJECTS, "arn:aws:S3:::b/*")),
    AIM,
    ["error s3.arn-malformed /Statement/1/Resource"],
  ],
  [
    "a slash in front",
    policyOf(bucket(), allow(ON_OBJECTS, "arn:aws:s3:::/b/*")),
    AIM,
    ["error s3.arn-malformed /Statement/1/Resource"],
  ],
  [
    "no such partition",
    policyOf(bucket(), objects(), allow("s3:GetObject", "arn:asw:s3:::c/*")),
    AIM,
    ["error s3.arn-malformed /Statement/2/Resource"],
  ],
];

test.each(BAD)("%s", (_, value, aim, problems) => {
  expect(said(lint(value, aim))).toEqual(problems.toSorted());
});

test("a problem names what is wanted, what is there, and the way out", () => {
  const value = policyOf(
    bucket(),
    allow(["s3:GetObject", "s3:PutObject"], BUCKET),
    allow(ON_OBJECTS.slice(2), OBJECTS),
  );
  expect(lint(value, AIM)).toEqual([
    {
      cause: "s3.object-arn-missing-star",
      severity: "error",
      path: "/Statement/1/Resource",
      message: "s3:GetObject and s3:PutObject are about objects, and arn:aws:s3:::b is the bucket itself",
      has: "arn:aws:s3:::b",
      want: "arn:aws:s3:::b/backups/*",
      fix: "add arn:aws:s3:::b/backups/*",
    },
  ]);
});

test("only a needed part of the policy's text counts: a variable of the old language is plain text", () => {
  const value = policyOf(bucket(), allow(ON_OBJECTS, `${BUCKET}/\${aws:username}/*`));
  expect(said(lint(value, AIM))).toEqual([]);
  expect(said(lint({ ...value, Version: "2008-10-17" }, AIM))).toEqual([
    "error s3.object-prefix /Statement/1/Resource",
  ]);
});

test.each<[string, unknown, string]>([
  ["text", "{}", ""],
  ["nothing", null, ""],
  ["a list", [], ""],
  ["no Statement", { Version: "2012-10-17" }, ""],
  ["a key that no policy has", { ...policyOf(bucket()), Statements: [] }, "/Statements"],
  ["a key with a slash and a tilde", { ...policyOf(bucket()), "a/b~c": 1 }, "/a~1b~0c"],
  ["another version", { ...policyOf(bucket()), Version: "2012-10-18" }, "/Version"],
  ["a date", { ...policyOf(bucket()), Version: 20121017 }, "/Version"],
  ["no statement", policyOf(), "/Statement"],
  ["a statement that is text", { Statement: ["s3:*"] }, "/Statement/0"],
  ["one statement that is text", { Statement: "s3:*" }, "/Statement"],
  ["a key that no statement has", policyOf(bucket({ Resources: [] } as object)), "/Statement/0/Resources"],
  ["a principal", policyOf(bucket({ Principal: "*" } as object)), "/Statement/0/Principal"],
  ["no principal", { Statement: { ...bucket(), NotPrincipal: "*" } }, "/Statement/NotPrincipal"],
  ["a Sid that is a number", policyOf(bucket({ Sid: 1 } as object)), "/Statement/0/Sid"],
  ["no Effect", policyOf({ Action: "s3:*", Resource: "*" } as Statement), "/Statement/0"],
  ["an Effect in small letters", policyOf(bucket({ Effect: "allow" })), "/Statement/0/Effect"],
  ["no Action", policyOf({ Effect: "Allow", Resource: "*" }), "/Statement/0"],
  ["both Action and NotAction", policyOf(bucket({ NotAction: "s3:*" })), "/Statement/0/NotAction"],
  ["no Resource", policyOf({ Effect: "Allow", Action: "s3:*" }), "/Statement/0"],
  ["both Resource and NotResource", policyOf(bucket({ NotResource: "*" })), "/Statement/0/NotResource"],
  ["an action without its service", policyOf(allow(["s3:GetObject", "PutObject"], OBJECTS)), "/Statement/0/Action/1"],
  ["an action that is a number", policyOf(bucket({ Action: 1 } as object)), "/Statement/0/Action"],
  [
    "a resource of a template",
    policyOf(bucket({ Resource: [{ "Fn::Sub": "x" }] } as object)),
    "/Statement/0/Resource/0",
  ],
  ["a condition that is a list", policyOf(bucket({ Condition: [] } as object)), "/Statement/0/Condition"],
  [
    "an operator without keys",
    policyOf(bucket({ Condition: { Bool: "true" } } as object)),
    "/Statement/0/Condition/Bool",
  ],
  ["a value that is an object", policyOf(bucket(when("Bool", [true, {}]))), "/Statement/0/Condition/Bool/s3:prefix/1"],
  ["an ARN that is too long", policyOf(allow("s3:*", "a".repeat(3000))), "/Statement/0/Resource"],
  [
    "a policy that is too long",
    policyOf(
      allow(
        "s3:*",
        Array.from({ length: 400 }, () => "a".repeat(1000)),
      ),
    ),
    "/Statement",
  ],
])("no identity policy: %s", (_, value, path) => {
  expect(parseIdentityPolicy(value)).toEqual({ path, problem: expect.any(String) });
});

test("a policy keeps its texts, and where they stand", () => {
  const value = {
    Statement: { Sid: "S", ...allow("s3:GetObject", ["a", "b"], { Condition: { Bool: { "a:b/c": [true, 1] } } }) },
  };
  expect(parsed(value)).toEqual({
    version: "2008-10-17",
    statements: [
      {
        path: "/Statement",
        sid: "S",
        effect: "Allow",
        actions: {
          not: false,
          items: [{ text: "s3:GetObject", path: "/Statement/Action" }],
          path: "/Statement/Action",
        },
        resources: {
          not: false,
          items: [
            { text: "a", path: "/Statement/Resource/0" },
            { text: "b", path: "/Statement/Resource/1" },
          ],
          path: "/Statement/Resource",
        },
        tests: [{ operator: "Bool", key: "a:b/c", values: ["true", "1"], path: "/Statement/Condition/Bool/a:b~1c" }],
      },
    ],
  });
});

const FEDERATED = { Federated: "arn:aws:iam::123456789012:oidc-provider/x" };

test.each<[string, unknown, string | undefined]>([
  ["an identity policy", policyOf(bucket(), objects()), "identity"],
  ["one of a single statement", { Statement: bucket() }, "identity"],
  [
    "one with NotAction and NotResource",
    policyOf({ Effect: "Deny", NotAction: "iam:*", NotResource: "arn:aws:s3:::b" }),
    "identity",
  ],
  [
    "a trust policy",
    { Statement: [{ Effect: "Allow", Principal: FEDERATED, Action: "sts:AssumeRoleWithWebIdentity" }] },
    "trust",
  ],
  [
    "one for Pod Identity",
    {
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
      },
    },
    "trust",
  ],
  ["one with a wildcard", { Statement: { Effect: "Allow", Principal: "*", Action: "sts:*" } }, "trust"],
  ["a bucket policy", { Id: "x", Statement: { ...objects(), Principal: "*" } }, "resource"],
  [
    "a key policy",
    { Statement: { Effect: "Allow", Principal: { AWS: "*" }, Action: "kms:*", Resource: "*" } },
    "resource",
  ],
  [
    "one where only some have a principal",
    policyOf(bucket(), { ...objects(), Principal: "*" } as Statement),
    "resource",
  ],
  [
    "a trust policy that does more",
    { Statement: { Effect: "Allow", Principal: "*", Action: ["sts:AssumeRole", "s3:GetObject"] } },
    "resource",
  ],
  ["a Pod", { apiVersion: "v1", kind: "Pod", spec: {} }, undefined],
  ["no statement", { Version: "2012-10-17", Statement: [] }, "identity"],
  ["statements with mistakes", { Version: "2012-10-17", Statement: [{ Effect: "allow" }, 1] }, "identity"],
  ["a date that is none of AWS", { Version: "2012-10-18", Statement: bucket() }, "identity"],
  [
    "a trust policy with a mistake",
    { Version: "2012-10-17", Statement: { Principal: "*", Action: "sts:AssumeRole" } },
    "trust",
  ],
  ["a bank statement", { Statement: [{ Effect: "Allow", Action: "transfer", Resource: "*" }] }, undefined],
  ["no Effect", { Statement: [{ Action: "s3:GetObject", Resource: "*" }] }, undefined],
  ["no Resource", { Statement: [{ Effect: "Allow", Action: "s3:GetObject" }] }, undefined],
  [
    "another cloud's",
    { Version: "1", Statement: [{ Effect: "Allow", Action: "oss:GetObject", Resource: "acs:oss:*:*:b" }] },
    undefined,
  ],
  [
    "another cloud's without a version",
    { Statement: [{ Effect: "Allow", Action: "oss:GetObject", Resource: "acs:oss:*:*:b" }] },
    undefined,
  ],
  ["an object of Kubernetes", { ...policyOf(bucket()), kind: "List" }, undefined],
  ["a key too many, without a version", { Statement: bucket(), more: 1 }, undefined],
  ["text", "Statement", undefined],
  ["nothing", undefined, undefined],
])("what kind of policy it is: %s", (_, value, kind) => {
  expect(kindOfPolicy(value)).toBe(kind);
});

test("the table of actions has what backups need, each at its level", () => {
  for (const action of ON_BUCKET) expect(S3_ACTIONS.get(action.slice(3))).toBe("bucket");
  for (const action of ON_OBJECTS) expect(S3_ACTIONS.get(action.slice(3))).toBe("object");
  expect(S3_ACTIONS.get("ListAllMyBuckets")).toBe("account");
  for (const action of DANGEROUS) expect(S3_ACTIONS.get(action)).toBe("bucket");
});

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("*", "?", "${", "}", "${*}", "${aws:username}"),
);

test("a text that is escaped means itself", () => {
  fc.assert(
    fc.property(fc.array(anyText), fc.string(), (texts, other) => {
      const text = texts.join("");
      const reading = { wildcards: true, variables: true };
      expect(fits(escaped(text), text, reading)).toBe("yes");
      if (other !== text) expect(fits(escaped(text), other, reading)).toBe("no");
    }),
  );
});

test("a pattern fits what a regular expression would fit", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "b", "*", "?") }),
      fc.string({ unit: fc.constantFrom("a", "b") }),
      (pattern, text) => {
        const same = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(text);
        expect(fits(pattern, text, { wildcards: true, variables: true })).toBe(same ? "yes" : "no");
      },
    ),
    { numRuns: 500 },
  );
});

test("the least policy is clean for any bucket and prefix", () => {
  const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/);
  const partition = fc.constantFrom("aws", "aws-cn", "aws-us-gov", "aws-iso-b");
  fc.assert(
    fc.property(name, fc.array(anyText), partition, (bucketName, texts, where) => {
      const aim = { bucket: bucketName, prefix: texts.join("").slice(0, 400) };
      const value = leastS3Policy({ ...aim, partition: where });
      expect(kindOfPolicy(value)).toBe("identity");
      expect(lint(value, aim)).toEqual([]);
      expect(lint(value)).toEqual([]);
    }),
  );
});

const actionTexts = fc.constantFrom(
  ...ON_BUCKET,
  ...ON_OBJECTS,
  "*",
  "s3:*",
  "s3:Get*",
  "s3:Put*",
  "s3:List*",
  "s3:ListAllMyBuckets",
  "s3:GetObjct",
  "s3:HeadBucket",
  "s3:GetBucketPolicy",
  "dynamodb:GetItem",
);
const resourceTexts = fc.constantFrom(
  BUCKET,
  OBJECTS,
  "*",
  "arn:aws:s3:::*",
  "arn:aws:s3:::b*",
  "arn:aws:s3:::b/",
  "arn:aws:s3:::b/backups",
  "arn:aws:s3:::b/backups/*",
  "arn:aws:s3:::b/other/*",
  "arn:aws:s3:::c",
  "arn:aws:s3:::c/*",
  "arn:aws:s3::b",
  "arn:aws-cn:s3:::b/*",
  "arn:aws:s3:::${aws:username}/*",
  "arn:aws:dynamodb:eu-west-1:123456789012:table/t",
);
const list = (texts: fc.Arbitrary<string>): fc.Arbitrary<string[]> => fc.array(texts, { minLength: 1, maxLength: 4 });
const conditions = fc.constantFrom<Partial<Statement>>(
  {},
  {},
  {},
  when("StringLike", "backups*"),
  when("StringNotLike", ["other*"]),
  when("ForAllValues:StringEquals", "x"),
  when("Bool", "false", "aws:SecureTransport"),
);
const statements: fc.Arbitrary<Statement> = fc
  .record({
    effect: fc.constantFrom("Allow", "Allow", "Allow", "Deny"),
    actions: list(actionTexts),
    resources: list(resourceTexts),
    more: conditions,
  })
  .map(({ effect, actions, resources, more }) => ({ ...allow(actions, resources, more), Effect: effect }));
const policies = fc.array(statements, { minLength: 1, maxLength: 4 });
const aims = fc.option(fc.constantFrom<S3Aim>(AIM, { bucket: "b", prefix: "" }, { bucket: "c", prefix: "x/" }), {
  nil: undefined,
});
const causes = (value: unknown, aim: S3Aim | undefined): string[] =>
  [...new Set(lint(value, aim).map(({ cause }) => cause))].sort();

test("the order of the statements changes no cause", () => {
  fc.assert(
    fc.property(policies, aims, (list_, aim) => {
      expect(causes(policyOf(...list_.toReversed()), aim)).toEqual(causes(policyOf(...list_), aim));
    }),
    { numRuns: 300 },
  );
});

test("a statement for each action changes no cause", () => {
  fc.assert(
    fc.property(policies, aims, (list_, aim) => {
      const split = list_.flatMap((one) => [one.Action ?? []].flat().map((action) => ({ ...one, Action: action })));
      expect(causes(policyOf(...split), aim)).toEqual(causes(policyOf(...list_), aim));
    }),
    { numRuns: 300 },
  );
});

test("each problem points into the policy, and says something", () => {
  fc.assert(
    fc.property(policies, aims, (list_, aim) => {
      const value = policyOf(...list_);
      for (const { path, message, cause } of lint(value, aim)) {
        expect(cause).toMatch(/^s3\.[a-z-]+$/);
        expect(message).toMatch(/^\S.*\S$/s);
        expect(message).not.toMatch(/undefined|\uffff/);
        const keys = path
          .split("/")
          .slice(1)
          .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
        expect(keys.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], value)).toBeDefined();
      }
    }),
    { numRuns: 200 },
  );
});

test("a policy of thousands of buckets is gone through once", () => {
  const many = Array.from({ length: 8000 }, (_, i) => `arn:aws:s3:::x${i}/*`);
  expect(lint(policyOf(allow(["s3:ListBucket", "s3:GetObject"], many))).length).toBeGreaterThan(0);
  expect(lint(policyOf(allow(["s3:ListBucket", "s3:GetObject"], many)), AIM).length).toBeGreaterThan(0);
});

test("no JSON is too odd", () => {
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.record({ Version: fc.jsonValue(), Statement: fc.jsonValue() }, { requiredKeys: [] }),
    fc.record({
      Statement: fc.array(
        fc.record(
          {
            Effect: fc.constantFrom("Allow", "Deny"),
            Action: fc.oneof(
              anyText.map((text) => `s3:${text}`),
              fc.jsonValue(),
            ),
            Resource: fc.oneof(
              anyText.map((text) => `arn:aws:s3:::${text}`),
              fc.jsonValue(),
            ),
            Condition: fc.oneof(fc.dictionary(anyText, fc.dictionary(anyText, anyText)), fc.jsonValue()),
          },
          { requiredKeys: [] },
        ),
      ),
    }),
  );
  fc.assert(
    fc.property(odd, aims, (value, aim) => {
      kindOfPolicy(value);
      const result = parseIdentityPolicy(value);
      if ("policy" in result) lintS3Policy(result.policy, aim);
    }),
    { numRuns: 500 },
  );
});
