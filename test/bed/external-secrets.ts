import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { parse } from "yaml";

import type { AnyObject } from "../support/follow.ts";
import { cached, type Cached } from "./cached.ts";

const MODULE = fileURLToPath(new URL("external-secrets/", import.meta.url));
/** What a person installs; the controller itself does not run here. */
const CRDS = ["externalsecrets", "secretstores", "clustersecretstores", "clusterexternalsecrets"] as const;

/** Takes the CRDs of External Secrets out of its Go module, whose version and hash go.sum pins. */
export function fetchExternalSecrets(): Promise<Cached> {
  const sums = readFileSync(join(MODULE, "go.sum"), "utf8");
  const [, path = "", version = "", sum = ""] = /^(\S+) (v[\d.]+) (h1:\S+)$/m.exec(sums) ?? [];
  return cached("external-secrets", [sums, ...CRDS], async (folder) => {
    const args = ["mod", "download", "-json", `${path}@${version}`];
    const answer = execFileSync("go", args, { cwd: MODULE, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
    const { Dir: source, Sum: has } = JSON.parse(answer) as { Dir: string; Sum: string };
    if (has !== sum) throw new Error(`${path} ${version} is not what go.sum says: ${has}`);
    for (const name of CRDS) {
      const file = `external-secrets.io_${name}.yaml`;
      copyFileSync(join(source, "config", "crds", "bases", file), join(folder, file));
    }
  });
}

/** The real CRDs, as the live lane has fetched them. */
export async function realExternalSecretsCrds(): Promise<AnyObject[]> {
  const { folder } = await fetchExternalSecrets();
  return CRDS.map((name) => parse(readFileSync(join(folder, `external-secrets.io_${name}.yaml`), "utf8")));
}
