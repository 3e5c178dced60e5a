import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { buildControlPlane, describeBuild } from "./build.ts";

// `npm run test:live`: builds the control plane where needed, then runs the live lane. Extra words go to vitest.
try {
  process.stdout.write(`${describeBuild(await buildControlPlane())}\n`);
  const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
  const args = [vitest, "run", "--config", "vitest.live.config.ts", ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1;
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
