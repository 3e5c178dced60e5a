import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { buildControlPlane, describeBuild } from "./build.ts";
import { startControlPlane } from "./control-plane.ts";
import { BED } from "./live-cluster.ts";

/** One control plane for all live test files; they find it by the file that ANTFLY_CREDS_BED names. */
export default async function setup(): Promise<() => Promise<void>> {
  const built = await buildControlPlane();
  const plane = await startControlPlane(built.bin);
  process.stdout.write(`${describeBuild(built)}; started in ${plane.seconds} s\n`);
  const file = join(plane.address.folder, "address.json");
  writeFileSync(file, JSON.stringify(plane.address), { mode: 0o600 });
  process.env[BED] = file;
  return () => plane.stop();
}
