import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { generatedFiles } from "./generated-files.ts";

// `npm run generate` writes what follows from the sources; `--check` fails when something committed is stale.
const check = process.argv.includes("--check");
const stale: string[] = [];
for (const [path, content] of await generatedFiles()) {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  if ((await readFile(file, "utf8").catch(() => "")) === content) continue;
  if (check) stale.push(path);
  else {
    await writeFile(file, content);
    process.stdout.write(`wrote ${path}\n`);
  }
}
if (stale.length > 0) {
  process.stderr.write(`error: stale: ${stale.join(", ")}\n  npm run generate\n`);
  process.exitCode = 1;
}
