import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const STAND_IN = fileURLToPath(new URL("main.ts", import.meta.url));

/** Puts a `gcloud` into a folder that is to stand first in PATH. */
export function installGcloud(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const program = join(folder, "gcloud");
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${STAND_IN}" "$@"\n`);
  chmodSync(program, 0o755);
}
