import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";

import { CANARY_ID } from "../support/canaries.ts";
import type { AnyObject } from "../support/follow.ts";
import { fixtureObjects } from "../support/fixture-objects.ts";
import { startKubeServer, type InProcessCluster } from "../support/kube-server/index.ts";
import { runBin, type BinRun } from "../support/run-bin.ts";

// Whose fault is whose: each pod and each backup reads something else, and most of it is missing.
const OBJECTS = `
- kind: AntflyCluster
  metadata: {name: search}
  spec:
    metadataNodes: {envFrom: [{secretRef: {name: keys}}, {secretRef: {name: of-metadata}}]}
    dataNodes: {envFrom: [{secretRef: {name: keys}}]}
- kind: Secret
  metadata: {name: keys}
  stringData: {AWS_ACCESS_KEY_ID: ${CANARY_ID}, AWS_SECRET_ACCESS_KEY: s, AWS_ENDPOINT_URL: "https://s3.us-east-1.amazonaws.com"}
- kind: AntflyBackup
  metadata: {name: nightly}
  spec: {clusterRef: {name: search}, schedule: 0 2 * * *, destination: {location: s3://bucket/prefix, credentialsSecret: {name: of-nightly}}}
- kind: AntflyBackup
  metadata: {name: nightly-2}
  spec: {clusterRef: {name: search}, schedule: 0 3 * * *, destination: {location: s3://bucket/prefix}}
- kind: AntflyBackup
  metadata: {name: far, namespace: elsewhere}
  spec: {clusterRef: {name: search, namespace: production}, schedule: 0 3 * * *, destination: {location: s3://bucket/prefix}}
- kind: AntflyBackup
  metadata: {name: lost}
  spec: {clusterRef: {name: serch}, schedule: 0 3 * * *, destination: {location: s3://bucket/prefix}}
- ${pod("search", "metadata", "keys", "of-metadata")}
- ${pod("search", "data", "keys")}
- kind: AntflyCluster
  metadata: {name: quiet, annotations: {antfly-creds/suppress: "ANT0201: known"}}
  spec: {dataNodes: {envFrom: [{secretRef: {name: nowhere}}]}}
- ${waiting("quiet", "data", "nowhere")}
- kind: AntflyCluster
  metadata: {name: other}
  spec: {metadataNodes: {envFrom: [{secretRef: {name: changed}}]}, dataNodes: {envFrom: [{secretRef: {name: changed}}]}}
- kind: Secret
  metadata: {name: changed}
  dataChangedAt: "2026-08-01T12:00:00Z"
  stringData: {AWS_ACCESS_KEY_ID: ${CANARY_ID}, AWS_SECRET_ACCESS_KEY: s, AWS_ENDPOINT_URL: "https://s3.us-east-1.amazonaws.com"}
- ${pod("other", "metadata", "changed")}
- ${pod("other", "data", "changed")}
`;

function pod(instance: string, group: string, ...secrets: string[]): string {
  return podWith({ running: { startedAt: "2026-08-01T11:00:00Z" } }, instance, group, secrets);
}

function waiting(instance: string, group: string, secret: string): string {
  const message = `secret "${secret}" not found`;
  return podWith({ waiting: { reason: "CreateContainerConfigError", message } }, instance, group, [secret]);
}

function podWith(state: AnyObject, instance: string, group: string, secrets: readonly string[]): string {
  return JSON.stringify({
    kind: "Pod",
    metadata: {
      name: `${instance}-${group}-0`,
      labels: {
        "app.kubernetes.io/name": "antfly-database",
        "app.kubernetes.io/instance": instance,
        "app.kubernetes.io/component": group,
      },
    },
    spec: { containers: [{ name: "antfly", envFrom: secrets.map((secret) => ({ secretRef: { name: secret } })) }] },
    status: {
      phase: "running" in state ? "Running" : "Pending",
      containerStatuses: [{ name: "antfly", ready: "running" in state, state }],
    },
  });
}

let cluster: InProcessCluster;
const why = (object: string, ...more: string[]): Promise<BinRun> =>
  runBin(["why", object, "-o", "json", ...more], { kubeconfig: cluster.kubeconfig({ namespace: "production" }) });

beforeAll(async () => {
  cluster = await startKubeServer({
    controllers: false,
    objects: fixtureObjects({ name: "", objects: parse(OBJECTS) }),
  });
});
afterAll(() => cluster.stop());

test.each([
  ["pod/search-metadata-0", ["Secret of-metadata high", "Secret of-nightly low"]],
  ["pod/search-data-0", ["Secret of-metadata low", "Secret of-nightly low"]],
  ["backup/nightly", ["Secret of-metadata high", "Secret of-nightly high"]],
  ["backup/nightly-2", ["Secret of-metadata high", "Secret of-nightly low"]],
])("%s: what it does not read comes last, and is low", async (object, wanted) => {
  const { json } = await why(object);
  const told = json.candidates.map(
    ({ because, confidence }: AnyObject) => `${/Secret \S+/.exec(because)?.[0]} ${confidence}`,
  );
  expect(told).toEqual(wanted);
});

test("of several commands the one about the pod comes next", async () => {
  const { json } = await why("pod/other-data-0");
  expect(json.candidates[0]).toMatchObject({
    cause: "k8s.stale-pod-env",
    next: expect.stringContaining("kubectl delete pod other-data-0"),
  });
});

test("a backup is explained by its cluster, in whichever namespace that is", async () => {
  const { json } = await why("backup/far", "-n", "elsewhere");
  expect(json.subject).toBe("AntflyBackup elsewhere/far");
  expect(json.candidates[0]).toMatchObject({
    because: expect.stringContaining("Secret of-metadata is gone from namespace production"),
    next: expect.stringContaining("-n production"),
  });
});

test("what is suppressed is still why a pod does not start", async () => {
  const { json } = await why("pod/quiet-data-0");
  expect(json.candidates.map(({ cause, confidence }: AnyObject) => `${cause} ${confidence}`)).toEqual([
    "k8s.secret-missing high",
  ]);
});

test("a backup of a cluster that is not there says so", async () => {
  const { json } = await why("backup/lost");
  expect(json.error).toMatchObject({
    message:
      "AntflyBackup production/lost names AntflyCluster serch, and there is no AntflyCluster serch in namespace production",
    hint: "did you mean search?",
  });
});

test("where to read on is said of the same cluster", async () => {
  const { json } = await why("pod/search-data-0", "--context", "test");
  expect(json.hint).toBe(
    "its log may say more: kubectl logs search-data-0 -n production --context test | antfly-creds why --error - -n production",
  );
});
