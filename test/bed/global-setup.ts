import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { BED } from "./live-cluster.ts";
import { startBeds, type BedAddresses } from "./start-bed.ts";

/** A control plane and a cloud for each worker of the live lane; they find theirs in the file that ANTFLY_CREDS_BED names. */
export default async function setup({
  config,
}: {
  readonly config: { readonly maxWorkers: number };
}): Promise<() => Promise<void>> {
  const { beds, seconds, stop } = await startBeds(config.maxWorkers);
  process.stdout.write(`${beds.length} control planes with their clouds started in ${seconds.join(" and ")} s\n`);
  const addresses: BedAddresses[] = beds.map(({ plane, cloud }) => ({ plane: plane.address, cloud: cloud.address }));
  const file = join(beds[0]?.plane.address.folder ?? "", "addresses.json");
  writeFileSync(file, JSON.stringify(addresses), { mode: 0o600 });
  process.env[BED] = file;
  return stop;
}
