import { partitionOf } from "../../domain/values/region.ts";
import type { Aws } from "../../ports.ts";
import type { Cloud } from "../collector.ts";
import { DEFAULT_REGION } from "../storage/signing.ts";

/** A client of the partition that the region is in: keys and users of one partition are unknown in the others. */
export async function inPartition(aws: Aws, cloud: Cloud, region: string): Promise<Aws> {
  const own = aws.region ?? DEFAULT_REGION;
  return partitionOf(own) === partitionOf(region) ? aws : cloud.aws(region);
}
