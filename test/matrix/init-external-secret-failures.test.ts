import { describe, expect, test as base } from "vitest";

import type { ExternalSecretOptions } from "../../src/commands/external-secret-options.ts";
import { initExternalSecret } from "../../src/commands/init-external-secret.ts";
import type { ExitCode, UserError } from "../../src/domain/errors.ts";
import { antflyCluster, create } from "../support/antfly.ts";
import { CANARY_ID, CANARY_SECRET, expectNoCanary } from "../support/canaries.ts";
import { crdsOf } from "../support/crds/crds.ts";
import { externalSecretsCrds } from "../support/crds/external-secrets.ts";
import { ControllerAtWork } from "../support/external-secrets/at-work.ts";
import type { AnyObject } from "../support/follow.ts";
import { GARBAGE, LOGIN_PAGE, WRONG_KIND, type Fault, type LoggedCall } from "../support/kube-server/faults.ts";
import { startKubeServer, type InProcessCluster } from "../support/kube-server/index.ts";
import { quickClock } from "../support/quick-clock.ts";
import { testApp } from "../support/test-app.ts";
import { userWith } from "../support/test-cluster.ts";

const NS = "production";
const OPTIONS: ExternalSecretOptions = {
  from: "aws-secrets-manager",
  region: "us-east-1",
  idProperty: "access_key_id",
  secretProperty: "secret_access_key",
  wait: "0s",
  timeout: "2s",
  yes: true,
  output: [],
};

interface Bed {
  readonly cluster: InProcessCluster;
  /** Of somebody who may do everything, and whose calls can be told from the controller's. */
  readonly token: string;
}

/** Servers of its own, so that tests in which a call is tried again wait side by side. */
const test = base.extend<{ bed: Bed }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the names of what a fixture needs here
  bed: async ({}, use) => {
    const cluster = await startKubeServer({ controllers: false, objects: [...crdsOf(2), ...externalSecretsCrds()] });
    await cluster.admin.must("POST", "/api/v1/namespaces", {
      body: { apiVersion: "v1", kind: "Namespace", metadata: { name: NS } },
    });
    await create(cluster.admin, antflyCluster(NS, "c1", []));
    const controller = await ControllerAtWork.start(cluster.admin, NS);
    const entry = { access_key_id: CANARY_ID, secret_access_key: CANARY_SECRET };
    controller.provider.entries.set(`antfly/${NS}/c1`, entry);
    const all = [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];
    await use({ cluster, token: await userWith(cluster, NS, "person", [], all) });
    await controller.stop();
    await cluster.stop();
  },
});

async function run(
  { cluster, token }: Bed,
  options: object = {},
): Promise<{ code: ExitCode; message: string; printed: string }> {
  const app = testApp(cluster.kubeconfig({ namespace: NS, token }), quickClock());
  const printed = (): string => {
    expectNoCanary(app.printed.out + app.printed.err, "what was printed");
    return app.printed.err;
  };
  try {
    return { code: await initExternalSecret("c1", { ...OPTIONS, ...options }, app), message: "", printed: printed() };
  } catch (error) {
    const told = error as UserError;
    if (told.name !== "UserError") throw error;
    return { code: told.exit, message: told.message, printed: printed() };
  }
}

async function everything({ cluster }: Bed): Promise<AnyObject> {
  const at = async (path: string): Promise<AnyObject> => (await cluster.admin.get(path)).body;
  const eso = `/apis/external-secrets.io/v1/namespaces/${NS}`;
  const { spec } = await at(`/apis/antfly.io/v1/namespaces/${NS}/antflyclusters/c1`);
  return {
    stores: (await at(`${eso}/secretstores`)).items.length,
    externalSecrets: (await at(`${eso}/externalsecrets`)).items.length,
    secrets: (await at(`/api/v1/namespaces/${NS}/secrets`)).items.length,
    envFrom: [spec.metadataNodes.envFrom, spec.dataNodes.envFrom],
  };
}

const NOTHING = { stores: 0, externalSecrets: 0, secrets: 0, envFrom: [[], []] };

/** The command's own calls: the controller is the administrator. */
const isOwn = ({ user }: LoggedCall): boolean => user.endsWith(":person");
const wrote =
  (resource: string) =>
  (call: LoggedCall): boolean =>
    isOwn(call) && call.resource === resource && call.verb === "patch" && !call.dryRun;

const FAULTS: Readonly<Record<string, readonly [Fault, ExitCode]>> = {
  "403": [{ kind: "status", code: 403, reason: "Forbidden", message: "no" }, 6],
  "409": [{ kind: "status", code: 409, reason: "Conflict", message: "changed" }, 6],
  "422": [{ kind: "status", code: 422, reason: "Invalid", message: "not so" }, 6],
  "429": [{ kind: "status", code: 429, reason: "TooManyRequests", message: "slowly", retryAfter: 1 }, 0],
  "500": [{ kind: "status", code: 500, message: "away" }, 6],
  "a refusal of the webhook": [
    {
      kind: "status",
      code: 403,
      reason: "Forbidden",
      message: 'admission webhook "validate.externalsecret.external-secrets.io" denied the request: no',
    },
    6,
  ],
  "a cut connection": [{ kind: "reset" }, 6],
  "a lost answer": [{ kind: "reset", after: true }, 0],
  "half an answer": [{ kind: "half" }, 0],
  "no answer": [{ kind: "hang" }, 7],
};

describe.concurrent.each(["secretstores", "externalsecrets", "antflyclusters"])(
  "everything or nothing: %s",
  (resource) => {
    test.for(Object.entries(FAULTS))("%s", async ([, [fault, code]], { bed, expect: own }) => {
      bed.cluster.faults.add({ when: wrote(resource), times: 1, fault });
      // Only for an answer that never comes does anybody want to wait no longer.
      const ended = await run(bed, code === 7 ? {} : { timeout: "20s" });
      expect([ended.code, ended.message]).toEqual([code, expect.anything()]);
      if (code === 6) await own.poll(() => everything(bed)).toEqual(NOTHING);
      if (code === 7) expect(ended.message).toMatch(/whether this took effect is not known: /);
      if (code === 0) expect((await everything(bed)).envFrom.flat()).toHaveLength(2);
    });
  },
);

describe.concurrent("what it is planned from cannot be read: nothing is changed, and it is no success", () => {
  const READS: Readonly<Record<string, (call: LoggedCall) => boolean>> = {
    "the served versions": ({ path }) => path === "/apis/external-secrets.io",
    "the ExternalSecrets": ({ resource, verb }) => resource === "externalsecrets" && verb === "list",
    "the store": ({ resource, verb }) => resource === "secretstores" && verb === "get",
    "the Secret": ({ resource, verb }) => resource === "secrets" && verb === "get",
    "the AntflyClusters": ({ resource, verb }) => resource === "antflyclusters" && verb === "list",
    "the AntflyCluster": ({ resource, verb }) => resource === "antflyclusters" && verb === "get",
  };
  const WRONG: Readonly<Record<string, Fault>> = {
    "403": { kind: "status", code: 403, reason: "Forbidden", message: "no" },
    "500": { kind: "status", code: 500, message: "away" },
    garbage: GARBAGE,
    "a login page": LOGIN_PAGE,
    "something else": WRONG_KIND,
  };
  const each = Object.keys(READS).flatMap((read) => Object.keys(WRONG).map((fault) => [read, fault] as const));

  test.for(each)("%s: %s", async ([read, wrong], { bed }) => {
    const [isRead, fault] = [READS[read], WRONG[wrong]];
    if (isRead === undefined || fault === undefined) throw new Error("no such case");
    bed.cluster.faults.add({ when: (call) => isOwn(call) && isRead(call), fault });
    const ended = await run(bed);
    expect([2, 5]).toContain(ended.code);
    expect(ended.message).not.toBe("");
    expect(await everything(bed)).toEqual(NOTHING);
  });
});

describe.concurrent("while it waits", () => {
  /** The reads before the plan are let through: what is looked at begins with the command's own write. */
  const after =
    ({ cluster }: Bed, resource: string, verb: string) =>
    (call: LoggedCall): boolean =>
      isOwn(call) && call.resource === resource && call.verb === verb && cluster.calls.some(wrote("externalsecrets"));

  test.for([
    ["externalsecrets", "get"],
    ["secretstores", "get"],
    ["secrets", "get"],
    ["events", "list"],
  ] as const)("a failure to read %s is not the end", async ([resource, verb], { bed }) => {
    const fault: Fault = { kind: "status", code: 500, message: "away" };
    bed.cluster.faults.add({ when: after(bed, resource, verb), times: 4, fault });
    expect((await run(bed)).code).toBe(0);
  });

  test("who may not read the ExternalSecret is told so, and all is taken back", async ({ bed, expect: own }) => {
    const fault: Fault = { kind: "status", code: 403, reason: "Forbidden", message: "externalsecrets is forbidden" };
    bed.cluster.faults.add({ when: after(bed, "externalsecrets", "get"), times: 1, fault });
    const ended = await run(bed);
    expect(ended.code).toBe(6);
    expect(ended.message).toContain("externalsecrets is forbidden; what had been done was undone");
    await own.poll(() => everything(bed)).toEqual(NOTHING);
  });

  test("a Secret that lacks a key is no Secret to roll the pods onto", async ({ bed }) => {
    const body = JSON.stringify({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "x" },
      type: "Opaque",
      data: {},
    });
    bed.cluster.faults.add({
      when: after(bed, "secrets", "get"),
      fault: { kind: "body", contentType: "application/json", body },
    });
    const ended = await run(bed);
    expect(ended.code).toBe(6);
    expect(ended.message).toContain("has no AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL and AWS_REGION");
    expect((await everything(bed)).envFrom).toEqual([[], []]);
  });
});
