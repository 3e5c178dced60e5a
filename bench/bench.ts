import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildBed } from "../test/bed/build.ts";
import { inPrivateNetwork, privateNetwork } from "../test/bed/network.ts";
import { startBeds } from "../test/bed/start-bed.ts";
import { NodeStandIn } from "../test/support/node/node.ts";
import { benchIdentity } from "./identity.ts";
import { ROOT } from "./measure.ts";
import { benchStaticKeys } from "./static-keys.ts";
import { GAP, printTable } from "./table.ts";

// `npm run bench`: whole processes of the published package as ratios to a bare Node in the same run, and call counts,
// each beside its budget. Milliseconds are shown and judged by nobody: machines differ.

async function bench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "antfly-creds-bench-"));
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    LANG: "C.UTF-8",
    KUBECONFIG: join(folder, "kubeconfig"),
  };
  const { built, beds, stop } = await startBeds(1);
  const [bed] = beds;
  try {
    if (bed === undefined) throw new Error("no bed was started");
    const { cluster } = bed.plane;
    const node = await NodeStandIn.start(cluster.admin);
    try {
      const place = { cwd: folder, env };
      const still = { ...place, env: { ...env, ANTFLY_CREDS_CLOUD: "off" } };
      const rows = await benchStaticKeys(cluster, still);
      rows.push(GAP, ...(await benchIdentity(bed, built, place)));
      printTable(rows);
    } finally {
      await node.stop();
    }
  } finally {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (inPrivateNetwork()) await bench();
else {
  const runInside = privateNetwork();
  await buildBed();
  spawnSync(process.execPath, [join(ROOT, "scripts/build.ts"), "--quiet"], { stdio: "inherit" });
  process.exitCode = await runInside(process.argv.slice(1));
}
