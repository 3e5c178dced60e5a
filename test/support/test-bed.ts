import type { TestCloud } from "./test-cloud.ts";
import type { TestCluster } from "./test-cluster.ts";

/** A cluster, the cloud that knows its issuer, and the programs that people use with both. */
export interface TestBed {
  readonly cluster: TestCluster;
  readonly cloud: TestCloud;
  /** Folders with kubectl and aws. */
  readonly tools: readonly string[];
}
