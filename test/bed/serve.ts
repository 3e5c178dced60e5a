import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { antflyCluster, create, secretRef } from "../support/antfly.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { freshNamespace } from "../support/test-cluster.ts";
import { buildBed } from "./build.ts";
import { cloudEnvironment } from "./cloud.ts";
import { inPrivateNetwork, nodeInPrivateNetwork } from "./network.ts";
import { startBeds } from "./start-bed.ts";

// `npm run bed`: the test-bed for a person. `-- --generation 1|2` chooses the operator, `--sample` adds a broken cluster.

async function serve(generation: 1 | 2, withSample: boolean): Promise<void> {
  const { built, beds, seconds, stop } = await startBeds(1);
  const [bed] = beds;
  if (bed === undefined) throw new Error("no bed was started");
  const { cluster, address } = bed.plane;
  const node = await NodeStandIn.start(cluster.admin);
  const operator = await OperatorStandIn.start(cluster, generation);
  const kubeconfig = join(address.folder, "kubeconfig");
  writeFileSync(kubeconfig, cluster.kubeconfig(), { mode: 0o600 });
  const environment = { KUBECONFIG: kubeconfig, ...cloudEnvironment(bed.cloud.address), PATH: `$PATH:${built.bin}` };
  const enter = join(address.folder, "enter");
  writeFileSync(enter, enterScript(environment), { mode: 0o700 });
  let sample = "";
  if (withSample) {
    const namespace = await freshNamespace(cluster, "sample");
    await create(cluster.admin, antflyCluster(namespace, "c1", [secretRef("backup-credentials")]));
    sample = `AntflyCluster c1 without its Secret is in namespace ${namespace}\n`;
  }
  process.stdout.write(
    `started in ${seconds[0]} s, operator of generation ${generation}\n${sample}\n` +
      `  ${enter}                    # a shell in the bed's network, with KUBECONFIG, kubectl and AWS_*\n` +
      `  ${enter} kubectl get pods   # one command\n\n` +
      `logs are beside it; Ctrl-C stops everything\n`,
  );
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  await operator.stop();
  await node.stop();
  await stop();
}

/** A shell script that runs a command, or a shell, in the bed's network: it is reached from nowhere else. */
function enterScript(environment: Readonly<Record<string, string>>): string {
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}="${value}"`);
  return `#!/bin/sh
${exports.join("\n")}
[ "$(id -u)" -eq 0 ] || user="--user --preserve-credentials"
[ $# -gt 0 ] || set -- "\${SHELL:-sh}"
exec nsenter --target ${process.pid} $user --net --mount --wdns="$PWD" -- "$@"
`;
}

try {
  const { values } = parseArgs({
    options: { generation: { type: "string", default: "2" }, sample: { type: "boolean", default: false } },
  });
  if (values.generation !== "1" && values.generation !== "2") throw new Error("--generation is 1 or 2");
  if (inPrivateNetwork()) await serve(values.generation === "1" ? 1 : 2, values.sample);
  else {
    process.stdout.write(`${(await buildBed()).lines.join("\n")}\n`);
    process.exitCode = await nodeInPrivateNetwork(process.argv.slice(1));
  }
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
