import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";

import type { Built } from "../test/bed/build.ts";
import { cloudClients } from "../test/bed/cloud-clients.ts";
import { ACCOUNT, cloudEnvironment } from "../test/bed/cloud.ts";
import { seedCloud } from "../test/bed/seed-cloud.ts";
import type { Bed } from "../test/bed/start-bed.ts";
import {
  allReady,
  antflyCluster,
  create,
  eventually,
  forGeneration,
  INTERNAL_KEY,
  podsOf,
  secret,
} from "../test/support/antfly.ts";
import { OperatorStandIn } from "../test/support/operator/operator.ts";
import { PodIdentityWebhook } from "../test/support/pod-identity-webhook/webhook.ts";
import { freshNamespace } from "../test/support/test-cluster.ts";
import { filledIn, trustFor, type AwsSeed } from "../test/support/test-cloud.ts";
import { BIN, type Place } from "./measure.ts";
import { heading, row, type Row } from "./table.ts";

const RUNS = 5;
/** Not waited for in one piece: the issuer is served by this process. */
const run = promisify(execFile);
const ROLE = "antfly";
const EKS_CLUSTER = "bench";
const BUCKET = "acme-backups";

/**
 * `doctor --prove` of a cluster with IRSA, against what the published guide says to do by hand, one command after another:
 * look at the ServiceAccount, the role, the cluster and the bucket.
 */
export async function benchIdentity({ plane, cloud }: Bed, built: Built, at: Place): Promise<Row[]> {
  const { cluster } = plane;
  const { admin } = cluster;
  const operator = await OperatorStandIn.start(cluster, 3);
  const webhook = await PodIdentityWebhook.start(admin);
  try {
    const namespace = await freshNamespace(cluster, "irsa");
    const state: AwsSeed = {
      providers: [{ issuer: "ISSUER", clientIds: ["sts.amazonaws.com"] }],
      clusters: [{ name: EKS_CLUSTER, issuer: "ISSUER" }],
      buckets: [{ name: BUCKET }],
      roles: [
        {
          name: ROLE,
          trust: trustFor(`system:serviceaccount:${namespace}:antfly`),
          inline: { backups: BACKUPS },
        },
      ],
    };
    const { issuer } = cloud.address;
    await seedCloud(cloudClients(cloud.address), filledIn(state, { issuer, account: ACCOUNT }));
    const annotations = { "eks.amazonaws.com/role-arn": `arn:aws:iam::${ACCOUNT}:role/${ROLE}` };
    await create(admin, {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "antfly", namespace, annotations },
    });
    await create(admin, secret(namespace, INTERNAL_KEY, { secret: "bench" }));
    const object = forGeneration(3, antflyCluster(namespace, "c1", [], 1));
    await create(admin, {
      ...object,
      spec: { ...object.spec, serviceAccountName: "antfly", config: JSON.stringify({ connections: CONNECTIONS }) },
    });
    await eventually("ready pods", async () => allReady(await podsOf(admin, namespace), 2));

    writeFileSync(at.env["KUBECONFIG"] ?? "", cluster.kubeconfig({ namespace }));
    const path = [built.bin, dirname(built.python), at.env["PATH"]].join(":");
    const aws = { ...cloudEnvironment(cloud.address), AWS_DEFAULT_REGION: "us-east-1" };
    const place: Place = { cwd: at.cwd, env: { ...at.env, ...aws, PATH: path } };
    const doctor = [BIN, "doctor", "--prove"];
    const { stdout } = await run(process.execPath, [...doctor, "-o", "json"], place);
    const { calls } = JSON.parse(stdout) as { calls: { kubernetes: number; aws: number } };
    const proved = await seconds([[process.execPath, ...doctor]], place);
    const byHand = await seconds(BY_HAND, place);
    return [
      heading("IRSA, proved", "measured", "here"),
      row("doctor --prove: Kubernetes calls", calls.kubernetes, 13, String),
      row("doctor --prove: AWS calls", calls.aws, 8, String),
      row(
        "doctor --prove against the same looks by hand",
        proved / byHand,
        1,
        (value) => `${value.toFixed(2)}x`,
        `${Math.round(proved * 1000)} ms against ${Math.round(byHand * 1000)} ms`,
      ),
    ];
  } finally {
    await webhook.stop();
    await operator.stop();
  }
}

const BY_HAND = [
  ["kubectl", "get", "serviceaccount", "antfly", "-o", "yaml"],
  ["aws", "iam", "get-role", "--role-name", ROLE],
  ["aws", "eks", "describe-cluster", "--name", EKS_CLUSTER],
  ["aws", "s3", "ls", `s3://${BUCKET}/`],
];

/**
 * Seconds of these commands, one run after another: the least of several runs of each.
 * @throws Error with what the command said, where one of them fails: it would be quick
 */
async function seconds(commands: readonly (readonly string[])[], place: Place): Promise<number> {
  const least = commands.map(() => Infinity);
  for (let i = 0; i < RUNS; i++) {
    for (const [k, [program = "", ...args]] of commands.entries()) {
      const start = performance.now();
      await run(program, args, place);
      least[k] = Math.min(least[k] ?? Infinity, (performance.now() - start) / 1000);
    }
  }
  return least.reduce((sum, one) => sum + one, 0);
}

const BACKUPS = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Action: ["s3:ListBucket", "s3:GetBucketLocation"], Resource: `arn:aws:s3:::${BUCKET}` },
    {
      Effect: "Allow",
      Action: [
        "s3:PutObject",
        "s3:GetObject",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
      ],
      Resource: `arn:aws:s3:::${BUCKET}/search/*`,
    },
  ],
};

const CONNECTIONS = {
  "backup-store": {
    kind: "external_io",
    capabilities: ["backup.write", "restore.read"],
    external_io: {
      protocol: "s3",
      region: "us-east-1",
      buckets: [BUCKET],
      prefix: "search",
      credentials: { source: "web_identity" },
    },
  },
};
