import { readFileSync } from "node:fs";

import type { TestCluster } from "../support/test-cluster.ts";
import { realCluster, type BedAddress } from "./control-plane.ts";

/** Variable that names the file with the running control plane's address. */
export const BED = "ANTFLY_CREDS_BED";

export function bedAddress(): BedAddress {
  const file = process.env[BED];
  if (file === undefined) throw new Error("no control plane is running: use npm run test:live");
  return JSON.parse(readFileSync(file, "utf8")) as BedAddress;
}

/** The control plane that the live lane started. */
export function liveCluster(): Promise<TestCluster> {
  return Promise.resolve(realCluster(bedAddress()));
}
