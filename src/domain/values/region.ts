/** `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`; also `auto`, which Google takes. */
const REGION = /^([a-z]{2,4}(-[a-z]+)+-\d{1,2}|auto)$/;

/** The text is the name of a region, and so no secret. Other stores name their regions as they like. */
export function isRegionName(text: string): boolean {
  return REGION.test(text);
}

/** The partition that a region lies in (https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html). */
export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  if (region.startsWith("us-gov-")) return "aws-us-gov";
  if (region.startsWith("us-iso-")) return "aws-iso";
  if (region.startsWith("us-isob-")) return "aws-iso-b";
  if (region.startsWith("eu-isoe-")) return "aws-iso-e";
  return "aws";
}

/** A region of each partition that has STS. */
const ANY_REGION: Readonly<Record<string, string>> = {
  aws: "us-east-1",
  "aws-cn": "cn-north-1",
  "aws-us-gov": "us-gov-west-1",
  "aws-iso": "us-iso-east-1",
  "aws-iso-b": "us-isob-east-1",
  "aws-iso-e": "eu-isoe-west-1",
};

/** The region, if it lies in the partition; else one that does. */
export function regionIn(partition: string, region: string): string {
  return partitionOf(region) === partition ? region : (ANY_REGION[partition] ?? region);
}
