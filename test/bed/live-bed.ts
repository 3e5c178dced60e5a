import type { TestBed } from "../support/test-bed.ts";
import { liveCloud } from "./live-cloud.ts";
import { bedAddresses, liveCluster } from "./live-cluster.ts";

/** Cluster, cloud and programs that the live lane has for this worker. */
export async function liveBed(): Promise<TestBed> {
  const { plane, cloud } = bedAddresses();
  return { cluster: await liveCluster(), cloud: await liveCloud(), tools: [plane.bin, cloud.cli] };
}
