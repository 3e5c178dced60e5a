import { symlinkSync } from "node:fs";
import { join } from "node:path";

import type { Cached } from "./cached.ts";
import { fetchExternalSecrets } from "./external-secrets.ts";
import { buildGoProgram } from "./go-program.ts";
import { installPython } from "./install-python.ts";

const VERSION = "v1.36.3";
const STAMP = "k8s.io/component-base/version";
/** One binary, told by its name what to be. */
const PROGRAMS = ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl"] as const;

export interface Built {
  /** Folder that holds the programs of the control plane by name. */
  readonly bin: string;
  readonly versitygw: string;
  /** Folder with the Python that has ministack, and with the AWS CLI. */
  readonly python: string;
  /** One line a part: where it came from, and how long that took. */
  readonly lines: readonly string[];
}

/** Builds etcd, the Kubernetes control plane and kubectl; returns the folder that holds them by name. */
export function buildControlPlane(): Promise<Cached> {
  return buildGoProgram({
    name: "controlplane",
    sources: ["main.go"],
    package: ".",
    // Without the version the API server calls itself v0.0.0.
    ldflags: `-s -w -X ${STAMP}.gitVersion=${VERSION} -X ${STAMP}.gitMajor=1 -X ${STAMP}.gitMinor=36 -X ${STAMP}.gitTreeState=clean`,
    finish: (folder) => {
      for (const program of PROGRAMS) symlinkSync("controlplane", join(folder, program));
    },
  });
}

/**
 * Everything that the bed runs, each part once for each content of it. The quickest comes first, so that what is missing
 * on a machine is said soon.
 */
export async function buildBed(): Promise<Built> {
  const python = await installPython();
  const externalSecrets = await fetchExternalSecrets();
  const versitygw = await buildGoProgram({
    name: "versitygw",
    sources: [],
    package: "github.com/versity/versitygw/cmd/versitygw",
    ldflags: "-s -w",
  });
  const controlPlane = await buildControlPlane();
  return {
    bin: controlPlane.folder,
    versitygw: join(versitygw.folder, "versitygw"),
    python: join(python.folder, "bin"),
    lines: [
      describe("EKS (ministack) and the AWS CLI", python),
      describe("CRDs of External Secrets", externalSecrets),
      describe("STS, IAM and S3 (versitygw)", versitygw),
      describe("control plane", controlPlane),
    ],
  };
}

function describe(what: string, { cold, seconds }: Cached): string {
  return `${what} ${cold ? "built (cold)" : "found in the cache (warm)"} in ${seconds} s`;
}

if (import.meta.main) {
  try {
    process.stdout.write(`${(await buildBed()).lines.join("\n")}\n`);
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
