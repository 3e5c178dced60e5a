import { execFile } from "node:child_process";
import { cpSync, chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { installGcloud } from "./gcloud/install.ts";

const STAND_IN = fileURLToPath(new URL("aws-cli.ts", import.meta.url));

/** A folder of files that `--write-to` wrote, and a place for its script to run in. */
export interface WrittenFolder {
  readonly path: string;
  /** Runs the script against a cloud; with the stand-ins unless one of these folders has a real `aws` or `gcloud`. */
  runScript(
    env: Readonly<Record<string, string>>,
    tools?: readonly string[],
    script?: "aws.sh" | "gcloud.sh",
  ): Promise<{ code: number; stderr: string }>;
  remove(): void;
}

/** Takes the files out of a working directory that is about to go. */
export function keptFolder(from: string): WrittenFolder {
  const home = mkdtempSync(join(tmpdir(), "antfly-creds-written-"));
  const path = join(home, "out");
  cpSync(from, path, { recursive: true });
  const bin = join(home, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "aws"), `#!/bin/sh\nexec "${process.execPath}" "${STAND_IN}" "$@"\n`);
  chmodSync(join(bin, "aws"), 0o755);
  installGcloud(bin);
  return {
    path,
    runScript: (env, tools = [], script = "aws.sh") =>
      new Promise((resolve) => {
        // From another folder, as people do.
        const child = execFile(
          "sh",
          [join(path, script)],
          {
            cwd: home,
            encoding: "utf8",
            env: {
              PATH: [...tools, bin, process.env["PATH"] ?? ""].join(":"),
              HOME: home,
              AWS_CONFIG_FILE: "/dev/null",
              AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
              AWS_PAGER: "",
              ...env,
            },
          },
          (_, __, stderr) => resolve({ code: child.exitCode ?? -1, stderr }),
        );
      }),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}
