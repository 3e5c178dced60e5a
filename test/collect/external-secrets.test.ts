import { describe, expect, test as base } from "vitest";

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

/** A server of its own, so that tests in which a call is tried again wait side by side. */
const test = base.extend<{ cluster: InProcessCluster }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the names of what a fixture needs here
  cluster: async ({}, use) => {
    const cluster = await startKubeServer({ controllers: false });
    await use(cluster);
    await cluster.stop();
  },
});

async function doctor(cluster: InProcessCluster, objects: readonly AnyObject[]): Promise<AnyObject> {
  cluster.reset(fixtureObjects({ name: "", objects }));
  const app = testApp(cluster.kubeconfig({ namespace: "production" }));
  await runProgram(["doctor", "c1", "-o", "json", "--no-cloud", "--timeout", "2s"], app);
  return JSON.parse(app.printed.out);
}

const asked = ({ calls }: InProcessCluster): string[] =>
  calls
    .filter(({ path, resource }) => path.includes("external-secrets.io") || resource === "events")
    .map(({ verb, resource, path }) => (resource === "" ? path : `${verb} ${resource}`));

describe("what it costs", () => {
  test("nothing, where no Secret is missing or made by External Secrets", async ({ cluster }) => {
    await doctor(cluster, [CLUSTER, { kind: "Secret", metadata: { name: "keys" }, stringData: VALUES }]);
    expect(asked(cluster)).toEqual([]);
  });

  test("one call for each kind that is there, and no event, where all is well", async ({ cluster }) => {
    await doctor(cluster, [CLUSTER, STORE, SYNCED, MADE]);
    expect(asked(cluster).sort()).toEqual(["/apis/external-secrets.io", "list externalsecrets", "list secretstores"]);
  });

  test("the events beside that, where it is not", async ({ cluster }) => {
    await doctor(cluster, [CLUSTER, STORE, FAILED, MADE]);
    expect(asked(cluster)).toContain("list events");
  });

  test("one call where a Secret is missing and External Secrets is not installed", async ({ cluster }) => {
    await doctor(cluster, [CLUSTER]);
    expect(asked(cluster)).toEqual(["/apis/external-secrets.io"]);
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

describe.concurrent("no failed call makes anything pass, or anybody make the Secret by hand without a word", () => {
  const calls: readonly (readonly [string, (call: LoggedCall) => boolean, readonly string[]])[] = [
    ["discovery", ({ path }) => path === "/apis/external-secrets.io", ["ANT0501"]],
    ["the ExternalSecrets", ({ resource }) => resource === "externalsecrets", ["ANT0502", "ANT0503", "ANT0504"]],
    ["the stores", ({ resource }) => resource === "secretstores", ["ANT0502"]],
  ];
  for (const [what, when, codes] of calls) {
    test.for(FAULTS)(`${what}: %s`, async ([, fault], { cluster }) => {
      cluster.faults.add({ when, fault });
      const { results } = await doctor(cluster, [CLUSTER, STORE, SYNCED, MADE]);
      for (const code of codes)
        expect(results.find((one: AnyObject) => one.code === code).status, code).toMatch(/unknown|blocked/);
    });
  }

  test.for(FAULTS)("the events: %s", async ([, fault], { cluster }) => {
    cluster.faults.add({ when: ({ resource }) => resource === "events", fault });
    const { results } = await doctor(cluster, [CLUSTER, STORE, FAILED, MADE]);
    const [found] = results.find((one: AnyObject) => one.code === "ANT0503").findings;
    expect(found.cause).toBe("eso.sync-error");
    expect(found.message).toContain("its events, which have the provider's words, could not be read");
  });
});
