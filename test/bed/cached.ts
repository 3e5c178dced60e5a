import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export interface Cached {
  readonly folder: string;
  readonly cold: boolean;
  readonly seconds: number;
}

/**
 * A folder that is made once for each content of `inputs`, which are everything that decides what comes out (cache:
 * ANTFLY_CREDS_CACHE, else the user's cache folder). `make` fills a folder that gets its own name afterwards.
 */
export async function cached(
  name: string,
  inputs: readonly (string | Buffer)[],
  make: (staging: string) => Promise<void>,
): Promise<Cached> {
  const start = performance.now();
  const seconds = (): number => Math.round((performance.now() - start) / 100) / 10;
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(input);
  const folder = join(cacheFolder(), `${name}-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(folder)) return { folder, cold: false, seconds: seconds() };
  const staging = `${folder}.${randomUUID()}`;
  mkdirSync(staging, { recursive: true });
  try {
    await make(staging);
    renameSync(staging, folder);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    // Another build was quicker; its result is the same.
    if (!existsSync(folder)) throw error;
  }
  return { folder, cold: true, seconds: seconds() };
}

function cacheFolder(): string {
  const { ANTFLY_CREDS_CACHE: own, XDG_CACHE_HOME: xdg } = process.env;
  return own || join(xdg || join(homedir(), ".cache"), "antfly-creds");
}
