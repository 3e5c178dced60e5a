import { readFileSync } from "node:fs";

import type { TestCluster } from "../support/test-cluster.ts";
import { realCluster } from "./control-plane.ts";
import type { BedAddresses } from "./start-bed.ts";

/** Variable that names the file with the addresses of the beds that run. */
export const BED = "ANTFLY_CREDS_BED";

/** The bed that the live lane started for this worker: CRDs, an operator and an AWS account are for a whole cluster. */
export function bedAddresses(): BedAddresses {
  const file = process.env[BED];
  if (file === undefined) throw new Error("no control plane is running: use npm run test:live");
  const all = JSON.parse(readFileSync(file, "utf8")) as BedAddresses[];
  const addresses = all[Number(process.env["VITEST_POOL_ID"]) - 1];
  if (addresses === undefined) throw new Error(`no bed is there for worker ${process.env["VITEST_POOL_ID"]}`);
  return addresses;
}

export function liveCluster(): Promise<TestCluster> {
  return Promise.resolve(realCluster(bedAddresses().plane));
}
