import { execFileSync, spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MODULE = fileURLToPath(new URL("controlplane/", import.meta.url));
const VERSION = "v1.36.3";
const STAMP = "k8s.io/component-base/version";
/** Without the version the API server calls itself v0.0.0. */
const LDFLAGS = `-s -w -X ${STAMP}.gitVersion=${VERSION} -X ${STAMP}.gitMajor=1 -X ${STAMP}.gitMinor=36 -X ${STAMP}.gitTreeState=clean`;
/** One binary, told by its name what to be. */
const PROGRAMS = ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl"] as const;

export type Program = (typeof PROGRAMS)[number];

export interface Built {
  /** Folder that holds the programs by name. */
  readonly bin: string;
  readonly cold: boolean;
  readonly seconds: number;
}

/**
 * Builds the control plane from its Go modules, once for each content of them (cache: ANTFLY_CREDS_CACHE, else the
 * user's cache folder).
 * @throws Error in one line when there is no Go
 */
export async function buildControlPlane(): Promise<Built> {
  const start = performance.now();
  const seconds = (): number => Math.round((performance.now() - start) / 100) / 10;
  const bin = join(cacheFolder(), `controlplane-${fingerprint()}`);
  if (existsSync(bin)) return { bin, cold: false, seconds: seconds() };
  const staging = `${bin}.${randomUUID()}`;
  mkdirSync(staging, { recursive: true });
  await goBuild(join(staging, "controlplane"));
  for (const program of PROGRAMS) symlinkSync("controlplane", join(staging, program));
  try {
    renameSync(staging, bin);
  } catch (error) {
    // Another build was quicker; its result is the same.
    if (!existsSync(bin)) throw error;
  }
  return { bin, cold: true, seconds: seconds() };
}

function cacheFolder(): string {
  const { ANTFLY_CREDS_CACHE: own, XDG_CACHE_HOME: xdg } = process.env;
  return own || join(xdg || join(homedir(), ".cache"), "antfly-creds");
}

/** Everything that decides what comes out. */
function fingerprint(): string {
  const hash = createHash("sha256");
  for (const file of ["main.go", "go.mod", "go.sum"]) hash.update(readFileSync(join(MODULE, file)));
  return hash.update(LDFLAGS).update(goVersion()).digest("hex").slice(0, 16);
}

function goVersion(): string {
  try {
    return execFileSync("go", ["version"], { cwd: MODULE, encoding: "utf8" });
  } catch {
    throw new Error("the live lane needs Go to build the Kubernetes control plane, and there is no `go` in PATH");
  }
}

function goBuild(output: string): Promise<void> {
  const args = ["-n", "5", "go", "build", "-trimpath", "-ldflags", LDFLAGS, "-o", output, "."];
  const child = spawn("nice", args, {
    cwd: MODULE,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, CGO_ENABLED: "0" },
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`go build ended with ${code}`))));
  });
}

export function describeBuild({ cold, seconds }: Built): string {
  return `control plane ${cold ? "built (cold)" : "found in the cache (warm)"} in ${seconds} s`;
}

if (import.meta.main) {
  try {
    process.stdout.write(`${describeBuild(await buildControlPlane())}\n`);
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
