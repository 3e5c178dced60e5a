import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { cached, type Cached } from "./cached.ts";
import { runProgram } from "./run-program.ts";

const FOLDER = fileURLToPath(new URL("python/", import.meta.url));

/**
 * Installs ministack and the AWS CLI with what they need, each file with its hash, into a Python environment of its own.
 * @throws Error in one line when there is no Python that is new enough
 */
export function installPython(): Promise<Cached> {
  const requirements = join(FOLDER, "requirements.txt");
  return cached("python", [readFileSync(requirements), AWS, pythonVersion()], async (folder) => {
    await runProgram("python3", ["-m", "venv", folder], { cwd: FOLDER });
    const quiet = ["--quiet", "--disable-pip-version-check", "--no-input"];
    const args = ["-m", "pip", "install", ...quiet, "--require-hashes", "--only-binary", ":all:", "-r", requirements];
    await runProgram(join(folder, "bin", "python"), args, { cwd: FOLDER });
    // The scripts of pip name the folder that this was made in, which has another name now.
    writeFileSync(join(folder, "bin", "aws"), AWS);
    chmodSync(join(folder, "bin", "aws"), 0o755);
  });
}

const AWS = `#!/bin/sh
exec "$(dirname "$0")/python" -m awscli "$@"
`;

function pythonVersion(): string {
  const script = "import sys, venv, ensurepip; assert sys.version_info >= (3, 10); print(sys.version, sys.base_prefix)";
  try {
    return execFileSync("python3", ["-c", script], {
      cwd: FOLDER,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    throw new Error("the live lane needs Python 3.10 or newer with venv for its EKS server, and there is none in PATH");
  }
}
