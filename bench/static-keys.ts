import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { allReady, antflyCluster, create, eventually, podsOf, secret, secretRef } from "../test/support/antfly.ts";
import { OperatorStandIn } from "../test/support/operator/operator.ts";
import { freshNamespace, type TestCluster } from "../test/support/test-cluster.ts";
import { writeManifests } from "./manifests.ts";
import { BIN, callsOf, peakMiB, timesOf, type Place } from "./measure.ts";
import { GAP, heading, row, type Row } from "./table.ts";

const ratio = (value: number): string => `${Math.round(value * 100) / 100}x`;
const mebibytes = (value: number): string => `${value} MiB`;

/** One cluster with static keys: start-up, scale, Kubernetes calls. No cloud is asked: the keys are of nobody. */
export async function benchStaticKeys(cluster: TestCluster, place: Place): Promise<Row[]> {
  const operator = await OperatorStandIn.start(cluster, 2);
  try {
    const { admin } = cluster;
    const namespace = await freshNamespace(cluster, "bench");
    const values = {
      AWS_ACCESS_KEY_ID: "AKIABENCH00000000000",
      AWS_SECRET_ACCESS_KEY: "bench",
      AWS_ENDPOINT_URL: "https://s3.us-east-1.amazonaws.com",
    };
    await create(admin, secret(namespace, "keys", values));
    await create(admin, antflyCluster(namespace, "c1", [secretRef("keys")]));
    await eventually("ready pods", async () => allReady(await podsOf(admin, namespace), 6));
    writeFileSync(place.env["KUBECONFIG"] ?? "", cluster.kubeconfig({ namespace }));
    writeFileSync(join(place.cwd, "cluster.yaml"), JSON.stringify(antflyCluster(namespace, "c1", [secretRef("keys")])));
    return [...startUp(place), GAP, ...scale(place), GAP, ...(await kubernetesCalls(cluster, namespace, place))];
  } finally {
    await operator.stop();
  }
}

function startUp(place: Place): Row[] {
  const commands: readonly [string, number, readonly string[]][] = [
    ["--version", 1.3, ["--version"]],
    ["--help", 1.8, ["--help"]],
    ["explain ANT0201", 2, ["explain", "ANT0201"]],
    ["hash -f cluster.yaml", 2, ["hash", "-f", "cluster.yaml"]],
    ["doctor, one cluster, real API server", 9.5, ["doctor"]],
  ];
  const [bare = 0, ...times] = timesOf([["-e", ""], ...commands.map(([, , args]) => [BIN, ...args])], place);
  return [
    heading("whole process against bare node", "ratio", "here"),
    ["node -e ''", "1x", "", "", `${Math.round(bare)} ms`],
    ...commands.map(([what, most], i) => {
      const time = times[i] ?? 0;
      return row(what, time / bare, most, ratio, `${Math.round(time)} ms`);
    }),
  ];
}

function scale(place: Place): Row[] {
  writeManifests(join(place.cwd, "manifests"));
  const validate = ["validate", "manifests", "-q", "-o", "json"];
  const [bare = 0, time = 0] = timesOf(
    [
      ["-e", ""],
      [BIN, ...validate],
    ],
    place,
    3,
  );
  return [
    heading("at scale", "measured"),
    row(
      "validate, 1,000 manifests, 5 MB: time",
      time / 1000,
      2,
      (value) => `${value.toFixed(1)} s`,
      `${Math.round(time / bare)}x bare node`,
    ),
    row("validate: peak memory", peakMiB(validate, place), 200, mebibytes),
    row("doctor, one cluster: peak memory", peakMiB(["doctor"], place), 150, mebibytes),
  ];
}

async function kubernetesCalls({ admin }: TestCluster, namespace: string, place: Place): Promise<Row[]> {
  const doctor = (...args: string[]): number => callsOf(["doctor", ...args], place).kubernetes;
  const one = doctor();
  const labels = { "app.kubernetes.io/name": "antfly-database", "app.kubernetes.io/instance": "c1" };
  for (let i = 0; i < 20; i++)
    await create(admin, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `more-${i}`, namespace, labels },
      spec: { containers: [{ name: "antfly", image: "x" }] },
    });
  const laid = callsOf(["preflight", "cluster.yaml"], place).kubernetes;
  const more = doctor();
  for (const name of ["c2", "c3"]) await create(admin, antflyCluster(namespace, name, []));
  return [
    heading("Kubernetes calls", "count"),
    row("doctor, static keys", one, 10, String),
    row("preflight of one AntflyCluster", laid, 12, String),
    row("20 further pods", more - one, 0, String),
    row("2 further AntflyClusters in the namespace", doctor("c1") - more, 4, String),
  ];
}
