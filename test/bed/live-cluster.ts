import { readFileSync } from "node:fs";

import type { TestCluster } from "../support/test-cluster.ts";
import { realCluster, type BedAddress } from "./control-plane.ts";

/** Variable that names the file with the addresses of the control planes that run. */
export const BED = "ANTFLY_CREDS_BED";

export function bedAddress(): BedAddress {
  const file = process.env[BED];
  if (file === undefined) throw new Error("no control plane is running: use npm run test:live");
  const addresses = JSON.parse(readFileSync(file, "utf8")) as BedAddress[];
  const address = addresses[Number(process.env["VITEST_POOL_ID"]) - 1];
  if (address === undefined) throw new Error(`no control plane is there for worker ${process.env["VITEST_POOL_ID"]}`);
  return address;
}

/** The control plane that the live lane started for this worker: CRDs and an operator are for a whole cluster. */
export function liveCluster(): Promise<TestCluster> {
  return Promise.resolve(realCluster(bedAddress()));
}
