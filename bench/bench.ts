import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { buildControlPlane } from "../test/bed/build.ts";
import { startControlPlane } from "../test/bed/control-plane.ts";
import { allReady, antflyCluster, create, eventually, podsOf, secret, secretRef } from "../test/support/antfly.ts";
import { NodeStandIn } from "../test/support/node/node.ts";
import { OperatorStandIn } from "../test/support/operator/operator.ts";
import { freshNamespace } from "../test/support/test-cluster.ts";
import { writeManifests } from "./manifests.ts";

// `npm run bench`: whole processes of the published package as ratios to a bare Node in the same run, and call counts,
// each beside its budget. Milliseconds are shown and judged by nobody: machines differ.

const root = fileURLToPath(new URL("..", import.meta.url));
const BIN = join(root, "build/package/bin/antfly-creds.js");
const RUNS = 15;

spawnSync(process.execPath, [join(root, "scripts/build.ts"), "--quiet"], { stdio: "inherit" });
const folder = mkdtempSync(join(tmpdir(), "antfly-creds-bench-"));
const env = { PATH: process.env["PATH"] ?? "", HOME: folder, LANG: "C.UTF-8", KUBECONFIG: join(folder, "kubeconfig") };
const plane = await startControlPlane((await buildControlPlane()).folder);
const node = await NodeStandIn.start(plane.cluster.admin);
const operator = await OperatorStandIn.start(plane.cluster, 2);
try {
  const namespace = await freshNamespace(plane.cluster, "bench");
  const { admin } = plane.cluster;
  const values = {
    AWS_ACCESS_KEY_ID: "AKIABENCH00000000000",
    AWS_SECRET_ACCESS_KEY: "bench",
    AWS_ENDPOINT_URL: "https://s3.us-east-1.amazonaws.com",
  };
  await create(admin, secret(namespace, "keys", values));
  await create(admin, antflyCluster(namespace, "c1", [secretRef("keys")]));
  await eventually("ready pods", async () => allReady(await podsOf(admin, namespace), 6));
  writeFileSync(env.KUBECONFIG, plane.cluster.kubeconfig({ namespace }));
  writeFileSync(join(folder, "cluster.yaml"), JSON.stringify(antflyCluster(namespace, "c1", [secretRef("keys")])));

  const commands: readonly [string, number, readonly string[]][] = [
    ["--version", 1.3, ["--version"]],
    ["--help", 1.8, ["--help"]],
    ["explain ANT0201", 2, ["explain", "ANT0201"]],
    ["hash -f cluster.yaml", 2, ["hash", "-f", "cluster.yaml"]],
    ["doctor, one cluster, real API server", 9.5, ["doctor"]],
  ];
  const [bare = 0, ...times] = timesOf([["-e", ""], ...commands.map(([, , args]) => [BIN, ...args])]);
  const rows = [
    ["whole process against bare node", "ratio", "budget", "", "here"],
    ["node -e ''", "1.00x", "", "", `${Math.round(bare)} ms`],
    ...commands.map(([what, budget], i) => {
      const ratio = (times[i] ?? 0) / bare;
      return [
        what,
        `${ratio.toFixed(2)}x`,
        `<= ${budget}x`,
        ratio <= budget ? "ok" : "OVER",
        `${Math.round(times[i] ?? 0)} ms`,
      ];
    }),
  ];

  writeManifests(join(folder, "manifests"));
  const validate = ["validate", "manifests", "-q", "-o", "json"];
  const memory = [peakMiB(validate), peakMiB(["doctor"])] as const;
  const seconds = timesOf([[BIN, ...validate]], 3).map((ms) => ms / 1000)[0] ?? 0;
  rows.push(
    ["", "", "", "", ""],
    ["at scale", "measured", "budget", "", ""],
    [
      "validate, 1,000 manifests, 5 MB: time",
      `${seconds.toFixed(1)} s`,
      "<= 2 s",
      seconds <= 2 ? "ok" : "OVER",
      `${Math.round((seconds * 1000) / bare)}x bare node`,
    ],
    ["validate: peak memory", `${memory[0]} MiB`, "<= 200 MiB", memory[0] <= 200 ? "ok" : "OVER", ""],
    ["doctor, one cluster: peak memory", `${memory[1]} MiB`, "<= 150 MiB", memory[1] <= 150 ? "ok" : "OVER", ""],
  );

  const one = calls();
  for (let i = 0; i < 20; i++)
    await create(admin, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: `more-${i}`,
        namespace,
        labels: { "app.kubernetes.io/name": "antfly-database", "app.kubernetes.io/instance": "c1" },
      },
      spec: { containers: [{ name: "antfly", image: "x" }] },
    });
  const laid = callsOf(["preflight", "cluster.yaml"]);
  const more = calls();
  for (const name of ["c2", "c3"]) await create(admin, antflyCluster(namespace, name, []));
  const clusters = calls("c1");
  rows.push(
    ["", "", "", "", ""],
    ["Kubernetes calls", "count", "budget", "", ""],
    ["doctor, static keys", String(one), "<= 10", one <= 10 ? "ok" : "OVER", ""],
    ["preflight of one AntflyCluster", String(laid), "<= 12", laid <= 12 ? "ok" : "OVER", ""],
    ["20 further pods", `+${more - one}`, "<= 0", more <= one ? "ok" : "OVER", ""],
    [
      "2 further AntflyClusters in the namespace",
      `+${clusters - more}`,
      "<= 4",
      clusters - more <= 4 ? "ok" : "OVER",
      "",
    ],
  );
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  for (const cells of rows)
    process.stdout.write(
      `${cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd()}\n`,
    );
} finally {
  await operator.stop();
  await node.stop();
  await plane.stop();
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Milliseconds of a whole process, for each command line: the least of several runs after two that warm the caches. The
 * command lines take turns, so that a machine that is busy for a while slows all of them.
 */
function timesOf(commands: readonly (readonly string[])[], runs = RUNS): number[] {
  const least = commands.map(() => Infinity);
  for (let run = 0; run < runs + 2; run++) {
    commands.forEach((args, i) => {
      const start = performance.now();
      spawnSync(process.execPath, args, { cwd: folder, env, stdio: "ignore" });
      if (run >= 2) least[i] = Math.min(least[i] ?? Infinity, performance.now() - start);
    });
  }
  return least;
}

/** The most memory that the process held at a time, as the operating system counts it. */
function peakMiB(args: readonly string[]): number {
  const report = `process.on("exit", () => process._rawDebug("maxRSS " + process.resourceUsage().maxRSS))`;
  const probe = ["--import", `data:text/javascript,${encodeURIComponent(report)}`];
  const { stderr } = spawnSync(process.execPath, [...probe, BIN, ...args], {
    cwd: folder,
    env,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  return Math.round(Number(/maxRSS (\d+)/.exec(stderr)?.[1]) / 1024);
}

function calls(...args: string[]): number {
  return callsOf(["doctor", ...args]);
}

function callsOf(args: readonly string[]): number {
  const { stdout } = spawnSync(process.execPath, [BIN, ...args, "-o", "json"], { cwd: folder, env, encoding: "utf8" });
  return JSON.parse(stdout).calls.kubernetes;
}
