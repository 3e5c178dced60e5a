import type { IdentityPolicy, PolicyProblem, PolicyText } from "./policy-types.ts";

const PARTITION = /^aws(-[a-z0-9]+)*$/;
/** S3's resources that have a region and an account (Service Authorization Reference, resource types of Amazon S3). */
const WITH_ACCOUNT = /^(access-grants|accesspoint|async-request|job|storage-lens|storage-lens-group)\//;
const BUCKET_AND_KEY = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$/s;

/**
 * What is wrong with the form of a `Resource` for S3: `arn:partition:s3:::bucket` or `arn:partition:s3:::bucket/key`,
 * without region and account (S3 User Guide, "Amazon S3 resources"). What a template has yet to fill in is not judged.
 */
export function arnTrouble(text: string): { readonly why: string; readonly want?: string } | undefined {
  if (/^\*+$/.test(text) || (text.includes("${") && !text.startsWith("arn:"))) return undefined;
  if (!text.startsWith("arn:")) {
    const name = text.replace(/^s3:\/\//, "");
    const why = `${text} is no ARN: IAM refuses the policy`;
    return BUCKET_AND_KEY.test(name) ? { why, want: `arn:aws:s3:::${name}` } : { why };
  }
  const [, partition = "", service = "", region, account, ...rest] = text.split(":");
  const name = rest.join(":");
  if (service.toLowerCase() !== "s3") return undefined;
  const wild = /[*?]|\$\{/;
  if (!PARTITION.test(partition) && !wild.test(partition)) {
    return { why: `${text} names the partition ${partition || "with no name"}, and AWS has none so called` };
  }
  const whole = (bucket: string): string => `arn:${partition}:s3:::${bucket}`;
  if (service !== "s3") return { why: `${text} does not write s3 in small letters`, want: whole(name) };
  if (rest.length === 0) {
    if (/(^|:)s3\*+$|:\*+$/.test(text)) return undefined;
    const last = text.slice(text.lastIndexOf(":") + 1);
    const why = `${text} has too few colons: three stand between s3 and the bucket`;
    return last === "" || last === "s3" ? { why } : { why, want: whole(last) };
  }
  if (name === "") return { why: `${text} names no bucket` };
  if (`${region}${account}` !== "" && !wild.test(`${region}${account}`) && !WITH_ACCOUNT.test(name)) {
    return { why: `${text} has a region or an account: the ARN of a bucket has neither`, want: whole(name) };
  }
  if (/^\/+[^/]/.test(name)) {
    return { why: `${text} has a slash before the bucket`, want: whole(name.replace(/^\/+/, "")) };
  }
  return undefined;
}

/** ARNs of several partitions in one policy: IAM takes those of its own partition only. */
export function partitionProblems(policy: IdentityPolicy): PolicyProblem[] {
  const named = policy.statements.flatMap(({ resources }) =>
    resources.items.flatMap((item) => {
      const partition = partitionOf(item);
      return partition === undefined ? [] : [{ item, partition }];
    }),
  );
  const counts = new Map<string, number>();
  for (const { partition } of named) counts.set(partition, (counts.get(partition) ?? 0) + 1);
  let main: string | undefined;
  for (const [partition, count] of counts) if (count > (counts.get(main ?? "") ?? 0)) main = partition;
  if (main === undefined) return [];
  return named
    .filter(({ partition }) => partition !== main)
    .map(({ item, partition }) => {
      const want = item.text.replace(partition, main);
      return {
        cause: "s3.partition-mixed",
        severity: "error",
        message: `The policy names resources in ${main} and in ${partition}: a policy is good in one partition`,
        path: item.path,
        want,
        has: item.text,
        fix: `write ${want}`,
      };
    });
}

function partitionOf({ text }: PolicyText): string | undefined {
  const partition = /^arn:([^:]*):/.exec(text)?.[1];
  return partition !== undefined && PARTITION.test(partition) ? partition : undefined;
}
