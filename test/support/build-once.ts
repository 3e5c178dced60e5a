import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Builds the package that the end-to-end tests run: what users install, not the sources. */
export default function setup(): void {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  execFileSync(process.execPath, ["scripts/build.ts", "--quiet"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
}
