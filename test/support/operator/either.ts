import { spawn } from "node:child_process";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { StandInGeneration } from "../crds/crds.ts";
import { eventually } from "../antfly.ts";
import type { TestCluster } from "../test-cluster.ts";
import { installIdentity } from "./identity.ts";
import { OperatorStandIn } from "./operator.ts";

export interface RunningOperator {
  stop(): Promise<void>;
}

/**
 * The stand-in; or, when ANTFLY_OPERATOR_BIN names one, a real operator, with the same rights and a log in the file that
 * ANTFLY_OPERATOR_LOG names.
 */
export async function startOperator(cluster: TestCluster, generation: StandInGeneration): Promise<RunningOperator> {
  const bin = process.env["ANTFLY_OPERATOR_BIN"];
  if (bin === undefined) return OperatorStandIn.start(cluster, generation);
  const folder = mkdtempSync(join(tmpdir(), "antfly-creds-operator-"));
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(
    kubeconfig,
    cluster.kubeconfig({ token: await installIdentity(cluster.admin, generation, { everything: true }) }),
    { mode: 0o600 },
  );
  const log = openSync(process.env["ANTFLY_OPERATOR_LOG"] ?? join(folder, "log"), "a");
  const args = ["--metrics-bind-address", "0", "--health-probe-bind-address", "0"];
  const child = spawn(bin, args, { stdio: ["ignore", log, log], env: { ...process.env, KUBECONFIG: kubeconfig } });
  await eventually(
    "the operator's CRDs",
    async () => (await cluster.admin.get("/apis/antfly.io/v1/antflyclusters")).status === 200,
    60_000,
  );
  return {
    stop: async () => {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
