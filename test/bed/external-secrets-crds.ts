import { execFile } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { parse } from "yaml";

import type { AnyObject } from "../support/follow.ts";
import { cached, type Cached } from "./cached.ts";

const MODULE = "github.com/external-secrets/external-secrets@v1.3.2";
/** As a go.sum has it. */
const SUM = "h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ=";
const FILES = ["externalsecrets", "secretstores", "clustersecretstores"].map(
  (resource) => `external-secrets.io_${resource}.yaml`,
);

/** The real CRDs of External Secrets, out of its Go module: the one part of it that can be had without building it. */
export function downloadExternalSecretsCrds(): Promise<Cached> {
  return cached("external-secrets-crds", [MODULE, SUM, ...FILES], async (folder) => {
    const { stdout } = await promisify(execFile)("go", ["mod", "download", "-json", MODULE], { cwd: folder });
    const { Dir: dir, Sum: sum } = JSON.parse(stdout) as { Dir: string; Sum: string };
    if (sum !== SUM) throw new Error(`${MODULE} is not what it was: ${sum}`);
    for (const file of FILES) copyFileSync(join(dir, "config/crds/bases", file), join(folder, file));
  });
}

/** @throws Error where the bed has not downloaded them: inside its network nothing can be */
export async function realExternalSecretsCrds(): Promise<AnyObject[]> {
  const { folder } = await downloadExternalSecretsCrds();
  return readdirSync(folder).map((file) => parse(readFileSync(join(folder, file), "utf8")));
}
