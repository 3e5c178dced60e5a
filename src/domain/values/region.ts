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
