import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { allReady, antflyCluster, create, eventually, podsOf, secretRef } from "../test/support/antfly.ts";
import { startKubeServer } from "../test/support/kube-server/index.ts";
import { NodeStandIn } from "../test/support/node/node.ts";
import { OperatorStandIn } from "../test/support/operator/operator.ts";

// `npm run demo`: a small broken AntflyCluster on an API server in this process, and the real tool, three times.
// Every command is printed as it is run, so that this reads as a tutorial. Nothing outside a temporary folder is touched.

const BIN = fileURLToPath(new URL("../bin/antfly-creds.js", import.meta.url));
const KEYS = "AWS_ACCESS_KEY_ID=AKIADEMO000000000000\nAWS_SECRET_ACCESS_KEY=demo/only+not/a/real/secret/000000000000\n";

const folder = mkdtempSync(join(tmpdir(), "antfly-creds-demo-"));
const cluster = await startKubeServer();
const node = await NodeStandIn.start(cluster.admin);
const operator = await OperatorStandIn.start(cluster, 2);
try {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "production" } };
  await cluster.admin.must("POST", "/api/v1/namespaces", { body: namespace });
  await create(cluster.admin, antflyCluster("production", "search", [secretRef("backup-credentials")]));
  await eventually("the pods", async () => {
    const pods = await podsOf(cluster.admin, "production");
    return pods.length === 6 && pods.every((pod) => pod.status?.containerStatuses !== undefined);
  });
  writeFileSync(join(folder, "kubeconfig"), cluster.kubeconfig({ namespace: "production" }), { mode: 0o600 });
  writeFileSync(join(folder, "keys.env"), KEYS, { mode: 0o600 });

  say("An AntflyCluster `search` is in namespace `production`; its pods do not start. What is wrong?");
  await run(3, "doctor", "search", "-n", "production");

  say("The Secret is missing. The keys lie in keys.env; `init secret` shows what it would do, then does it.");
  await run(
    0,
    ..."init secret search -n production --region us-east-1 --from-env-file keys.env --yes --quiet".split(" "),
  );

  await eventually("ready pods", async () => allReady(await podsOf(cluster.admin, "production"), 6));
  say("And now?");
  await run(0, "doctor", "search", "-n", "production");
  say("Found, fixed, proved. `node bin/antfly-creds.js --help` shows the rest.");
} finally {
  await operator.stop();
  await node.stop();
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
}

function say(text: string): void {
  process.stdout.write(`\n# ${text}\n`);
}

/** Prints and runs one command of the tool; another exit code than expected ends the demo. */
async function run(expected: number, ...args: string[]): Promise<void> {
  process.stdout.write(`\n$ antfly-creds ${args.join(" ")}\n`);
  const env = { ...process.env, KUBECONFIG: join(folder, "kubeconfig"), HOME: folder };
  const child = spawn(process.execPath, [BIN, ...args], { cwd: folder, env, stdio: ["ignore", "inherit", "inherit"] });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  process.stdout.write(`(exit ${code})\n`);
  if (code !== expected) throw new Error(`expected exit ${expected}`);
}
