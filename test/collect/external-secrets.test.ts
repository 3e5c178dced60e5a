import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { runProgram } from "../../src/program.ts";
import type { AnyObject } from "../support/follow.ts";
import { fixtureObjects } from "../support/fixture-objects.ts";
import { GARBAGE, LOGIN_PAGE, WRONG_KIND, type Fault, type LoggedCall } from "../support/kube-server/faults.ts";
import { startKubeServer, type InProcessCluster } from "../support/kube-server/index.ts";
import { testApp } from "../support/test-app.ts";

const CLUSTER = {
  kind: "AntflyCluster",
  metadata: { name: "c1" },
  spec: {
    metadataNodes: { envFrom: [{ secretRef: { name: "keys" } }] },
    dataNodes: { envFrom: [{ secretRef: { name: "keys" } }] },
  },
};
const VALUES = { AWS_ACCESS_KEY_ID: "AKIAFIXTURE00000000", AWS_SECRET_ACCESS_KEY: "s", AWS_REGION: "us-east-1" };
const STORE = {
  kind: "SecretStore",
  metadata: { name: "aws" },
  spec: { provider: { fake: { data: [] } } },
  status: { conditions: [{ type: "Ready", status: "True", reason: "Valid", message: "store validated" }] },
};
const spec = {
  secretStoreRef: { name: "aws" },
  data: [{ secretKey: "AWS_ACCESS_KEY_ID", remoteRef: { key: "keys" } }],
};
const external = (condition: AnyObject): AnyObject => ({
  kind: "ExternalSecret",
  metadata: { name: "keys", uid: "1f" },
  spec,
  status: { conditions: [{ type: "Ready", lastTransitionTime: "2026-08-01T10:00:00Z", ...condition }] },
});
const SYNCED = external({ status: "True", reason: "SecretSynced", message: "secret synced" });
const FAILED = external({
  status: "False",
  reason: "SecretSyncedError",
  message: "could not get secret data from provider",
});
const MADE = {
  kind: "Secret",
  metadata: {
    name: "keys",
    ownerReferences: [{ apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", name: "keys", uid: "1f" }],
  },
  stringData: VALUES,
};

let cluster: InProcessCluster;
beforeAll(async () => {
  cluster = await startKubeServer({ controllers: false });
});
afterAll(() => cluster.stop());

async function doctor(objects: readonly AnyObject[]): Promise<AnyObject> {
  cluster.reset(fixtureObjects({ name: "", objects }));
  cluster.calls.length = 0;
  const app = testApp(cluster.kubeconfig({ namespace: "production" }));
  await runProgram(["doctor", "c1", "-o", "json", "--no-cloud", "--timeout", "2s"], app);
  return JSON.parse(app.printed.out);
}

const asked = (): string[] =>
  cluster.calls
    .filter(({ path, resource }) => path.includes("external-secrets.io") || resource === "events")
    .map(({ verb, resource, path }) => (resource === "" ? path : `${verb} ${resource}`));

describe("what it costs", () => {
  test("nothing, where no Secret is missing or made by External Secrets", async () => {
    await doctor([CLUSTER, { kind: "Secret", metadata: { name: "keys" }, stringData: VALUES }]);
    expect(asked()).toEqual([]);
  });

  test("one call for each kind that is there, and no event, where all is well", async () => {
    await doctor([CLUSTER, STORE, SYNCED, MADE]);
    expect(asked().sort()).toEqual(["/apis/external-secrets.io", "list externalsecrets", "list secretstores"]);
  });

  test("the events beside that, where it is not", async () => {
    await doctor([CLUSTER, STORE, FAILED, MADE]);
    expect(asked()).toContain("list events");
  });

  test("one call where a Secret is missing and External Secrets is not installed", async () => {
    await doctor([CLUSTER]);
    expect(asked()).toEqual(["/apis/external-secrets.io"]);
  });
});

const FAULTS: readonly (readonly [string, Fault])[] = [
  ["403", { kind: "status", code: 403, reason: "Forbidden" }],
  ["429", { kind: "status", code: 429, reason: "TooManyRequests", retryAfter: 1 }],
  ["500", { kind: "status", code: 500 }],
  ["a reset", { kind: "reset" }],
  ["garbage", GARBAGE],
  ["half an answer", { kind: "half" }],
  ["a login page", LOGIN_PAGE],
  ["something else", WRONG_KIND],
];

describe("no failed call makes anything pass, or anybody make the Secret by hand without a word", () => {
  const calls: readonly (readonly [string, (call: LoggedCall) => boolean, readonly string[]])[] = [
    ["discovery", ({ path }) => path === "/apis/external-secrets.io", ["ANT0501"]],
    ["the ExternalSecrets", ({ resource }) => resource === "externalsecrets", ["ANT0502", "ANT0503", "ANT0504"]],
    ["the stores", ({ resource }) => resource === "secretstores", ["ANT0502"]],
  ];
  for (const [what, when, codes] of calls) {
    test.each(FAULTS)(`${what}: %s`, async (_, fault) => {
      cluster.faults.add({ when, fault });
      try {
        const { results } = await doctor([CLUSTER, STORE, SYNCED, MADE]);
        for (const code of codes)
          expect(results.find((one: AnyObject) => one.code === code).status, code).toMatch(/unknown|blocked/);
      } finally {
        cluster.faults.clear();
      }
    });
  }

  test.each(FAULTS)("the events: %s", async (_, fault) => {
    cluster.faults.add({ when: ({ resource }) => resource === "events", fault });
    try {
      const { results } = await doctor([CLUSTER, STORE, FAILED, MADE]);
      const [found] = results.find((one: AnyObject) => one.code === "ANT0503").findings;
      expect(found.cause).toBe("eso.sync-error");
      expect(found.message).toContain("its events, which have the provider's words, could not be read");
    } finally {
      cluster.faults.clear();
    }
  });
});
