import { fileURLToPath } from "node:url";

import { buildBed } from "./build.ts";
import { privateNetwork } from "./network.ts";

// `npm run test:live`: builds where needed, which wants the network, then runs the live lane in a network of its own.
// Extra words go to vitest.
try {
  const runInside = privateNetwork();
  process.stdout.write(`${(await buildBed()).lines.join("\n")}\n`);
  const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
  const args = [vitest, "run", "--config", "vitest.live.config.ts", ...process.argv.slice(2)];
  process.exitCode = await runInside(args);
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
