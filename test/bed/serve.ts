import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { antflyCluster, create, forGeneration, secretRef } from "../support/antfly.ts";
import type { StandInGeneration } from "../support/crds/crds.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { associationsOf } from "../support/pod-identity-webhook/associations.ts";
import { PodIdentityWebhook } from "../support/pod-identity-webhook/webhook.ts";
import { freshNamespace } from "../support/test-cluster.ts";
import { buildBed } from "./build.ts";
import { cloudClients } from "./cloud-clients.ts";
import { cloudEnvironment, REGION } from "./cloud.ts";
import { googleBeside } from "./live-google.ts";
import { inPrivateNetwork, privateNetwork } from "./network.ts";
import { seedCloud } from "./seed-cloud.ts";
import { startBeds } from "./start-bed.ts";

// `npm run bed`: the test-bed for a person. `-- --generation 1|2|3` chooses the operator, `--sample` adds a broken cluster.

/** What the cluster is called in EKS. */
const EKS_CLUSTER = "bed";

async function serve(generation: StandInGeneration, withSample: boolean): Promise<void> {
  const { built, beds, seconds, stop } = await startBeds(1);
  const [bed] = beds;
  if (bed === undefined) throw new Error("no bed was started");
  const { cluster, address } = bed.plane;
  const node = await NodeStandIn.start(cluster.admin);
  const operator = await OperatorStandIn.start(cluster, generation);
  const { address: cloud } = bed.cloud;
  await seedCloud(cloudClients(cloud), { clusters: [{ name: EKS_CLUSTER, issuer: cloud.issuer }] });
  const env = cloudEnvironment(cloud);
  const google = await googleBeside(cluster, cloud);
  await google.seed({ clusters: [{}] });
  const webhook = await PodIdentityWebhook.start(cluster.admin, { associated: associationsOf(env, EKS_CLUSTER) });
  const kubeconfig = join(address.folder, "kubeconfig");
  writeFileSync(kubeconfig, cluster.kubeconfig(), { mode: 0o600 });
  // The AWS CLI does not read AWS_REGION.
  const environment = {
    KUBECONFIG: kubeconfig,
    ...env,
    ...google.env,
    AWS_DEFAULT_REGION: REGION,
    PATH: `$PATH:${built.bin}:${built.python}`,
  };
  const enter = join(address.folder, "enter");
  writeFileSync(enter, enterScript(environment), { mode: 0o700 });
  let sample = "";
  if (withSample) {
    const namespace = await freshNamespace(cluster, "sample");
    await create(
      cluster.admin,
      forGeneration(generation, antflyCluster(namespace, "c1", [secretRef("backup-credentials")])),
    );
    sample = `AntflyCluster c1 without its Secret is in namespace ${namespace}\n`;
  }
  process.stdout.write(
    `started in ${seconds[0]} s, operator of generation ${generation}, EKS cluster ${EKS_CLUSTER}, GKE cluster ${google.project}/europe-west1/prod\n${sample}\n` +
      `  ${enter}                    # a shell in the bed's network, with KUBECONFIG, kubectl, aws, AWS_* and CLOUDSDK_*\n` +
      `  ${enter} kubectl get pods   # one command\n\n` +
      `logs are beside it; Ctrl-C stops everything\n`,
  );
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  await webhook.stop();
  await google.stop();
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
  const generation = ([1, 2, 3] as const).find((one) => String(one) === values.generation);
  if (generation === undefined) throw new Error("--generation is 1, 2 or 3");
  if (inPrivateNetwork()) await serve(generation, values.sample);
  else {
    const runInside = privateNetwork();
    process.stdout.write(`${(await buildBed()).lines.join("\n")}\n`);
    process.exitCode = await runInside(process.argv.slice(1));
  }
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
