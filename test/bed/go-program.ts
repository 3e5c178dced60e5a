import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { cached, type Cached } from "./cached.ts";
import { runProgram } from "./run-program.ts";

export interface GoProgram {
  /** Folder of the Go module here, and the file that comes out. */
  readonly name: string;
  readonly sources: readonly string[];
  readonly package: string;
  readonly ldflags: string;
  /** What else belongs into the folder. */
  readonly finish?: (folder: string) => void;
}

/**
 * Builds a program from its Go module, once for each content of it.
 * @throws Error in one line when there is no Go
 */
export function buildGoProgram(program: GoProgram): Promise<Cached> {
  const module = fileURLToPath(new URL(`${program.name}/`, import.meta.url));
  const sources = [...program.sources, "go.mod", "go.sum"].map((file) => readFileSync(join(module, file)));
  return cached(program.name, [...sources, program.ldflags, goVersion(module)], async (folder) => {
    const output = join(folder, program.name);
    const args = ["build", "-trimpath", "-ldflags", program.ldflags, "-o", output, program.package];
    await runProgram("go", args, { cwd: module, env: { CGO_ENABLED: "0" } });
    program.finish?.(folder);
  });
}

function goVersion(cwd: string): string {
  try {
    return execFileSync("go", ["version"], { cwd, encoding: "utf8" });
  } catch {
    throw new Error("the live lane needs Go to build its servers, and there is no `go` in PATH");
  }
}
