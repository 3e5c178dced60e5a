import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { buildControlPlane, describeBuild } from "./build.ts";
import { startControlPlane, type ControlPlane } from "./control-plane.ts";
import { BED } from "./live-cluster.ts";

/** A control plane for each worker of the live lane; they find theirs in the file that ANTFLY_CREDS_BED names. */
export default async function setup({
  config,
}: {
  readonly config: { readonly maxWorkers: number };
}): Promise<() => Promise<void>> {
  const built = await buildControlPlane();
  const planes: ControlPlane[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(planes.map((plane) => plane.stop()));
  };
  try {
    // One after another: each looks for free ports.
    while (planes.length < config.maxWorkers) planes.push(await startControlPlane(built.bin));
  } catch (error) {
    await stop();
    throw error;
  }
  const seconds = planes.map((plane) => plane.seconds).join(" and ");
  process.stdout.write(`${describeBuild(built)}; ${planes.length} started in ${seconds} s\n`);
  const file = join(planes[0]?.address.folder ?? "", "addresses.json");
  writeFileSync(file, JSON.stringify(planes.map(({ address }) => address)), { mode: 0o600 });
  process.env[BED] = file;
  return stop;
}
