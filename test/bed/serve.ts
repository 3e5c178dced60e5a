import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { antflyCluster, create, secretRef } from "../support/antfly.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { freshNamespace } from "../support/test-cluster.ts";
import { buildControlPlane, describeBuild } from "./build.ts";
import { startControlPlane } from "./control-plane.ts";

// `npm run bed`: the test-bed for a person. `-- --generation 1|2` chooses the operator, `--sample` adds a broken cluster.

try {
  const { values } = parseArgs({
    options: { generation: { type: "string", default: "2" }, sample: { type: "boolean", default: false } },
  });
  if (values.generation !== "1" && values.generation !== "2") throw new Error("--generation is 1 or 2");
  const built = await buildControlPlane();
  process.stdout.write(`${describeBuild(built)}\n`);
  const plane = await startControlPlane(built.bin);
  const node = await NodeStandIn.start(plane.cluster.admin);
  const operator = await OperatorStandIn.start(plane.cluster, values.generation === "1" ? 1 : 2);
  const kubeconfig = join(plane.address.folder, "kubeconfig");
  writeFileSync(kubeconfig, plane.cluster.kubeconfig(), { mode: 0o600 });
  let sample = "";
  if (values.sample) {
    const namespace = await freshNamespace(plane.cluster, "sample");
    await create(plane.cluster.admin, antflyCluster(namespace, "c1", [secretRef("backup-credentials")]));
    sample = `AntflyCluster c1 without its Secret is in namespace ${namespace}\n`;
  }
  process.stdout.write(
    `started in ${plane.seconds} s, operator of generation ${values.generation}\n${sample}\n` +
      `  export KUBECONFIG=${kubeconfig}\n  export PATH="$PATH:${built.bin}"   # kubectl\n\n` +
      `logs are beside the kubeconfig; Ctrl-C stops everything\n`,
  );
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  await operator.stop();
  await node.stop();
  await plane.stop();
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
