import { afterAll, beforeAll, expect, test } from "vitest";

import { allReady, antflyCluster, create, eventually, podsOf, secret, secretRef } from "../support/antfly.ts";
import { CANARY_ID, CANARY_SECRET } from "../support/canaries.ts";
import type { AnyObject } from "../support/follow.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { runBin, type BinRun } from "../support/run-bin.ts";
import { freshNamespace, type TestCluster } from "../support/test-cluster.ts";

const API = "/apis/rbac.authorization.k8s.io/v1";
const ACCOUNT = "antfly-creds-reader";

/** A user with exactly the Role that `permissions` prints can run `doctor`; with one verb less, that is what is unknown. */
export function permissionsContract(start: () => Promise<TestCluster>): void {
  let cluster: TestCluster;
  let node: NodeStandIn;
  let operator: OperatorStandIn;
  let namespace: string;
  let token: string;
  let role: AnyObject;
  const doctor = (): Promise<BinRun> =>
    runBin(["doctor", "c1", "-o", "json"], { kubeconfig: cluster.kubeconfig({ namespace, token }) });

  beforeAll(async () => {
    cluster = await start();
    node = await NodeStandIn.start(cluster.admin);
    operator = await OperatorStandIn.start(cluster, 2);
    namespace = await freshNamespace(cluster, "rights");
    const values = {
      AWS_ACCESS_KEY_ID: CANARY_ID,
      AWS_SECRET_ACCESS_KEY: CANARY_SECRET,
      AWS_ENDPOINT_URL: "https://s3.us-east-1.amazonaws.com",
    };
    await create(cluster.admin, secret(namespace, "keys", values));
    await create(cluster.admin, antflyCluster(namespace, "c1", [secretRef("keys")]));
    await create(cluster.admin, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: ACCOUNT, namespace } });
    await eventually("six ready pods", async () => allReady(await podsOf(cluster.admin, namespace), 6));

    const printed = await runBin(["permissions", "c1", "--service-account", ACCOUNT, "-o", "json"], {
      kubeconfig: cluster.kubeconfig({ namespace }),
    });
    expect(printed.code).toBe(0);
    const { documents } = printed.json;
    expect(documents.map((document: AnyObject) => document.kind)).toEqual(["Role", "RoleBinding"]);
    [role] = documents;
    for (const document of documents)
      await cluster.admin.must("POST", `${API}/namespaces/${namespace}/${document.kind.toLowerCase()}s`, {
        body: document,
      });
    const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
    const answer = await cluster.admin.must(
      "POST",
      `/api/v1/namespaces/${namespace}/serviceaccounts/${ACCOUNT}/token`,
      { body: request },
    );
    token = answer.status.token;
  });

  afterAll(async () => {
    await operator.stop();
    await node.stop();
    await cluster.stop();
  });

  test("the Role names the Secret, and lets nobody list Secrets", () => {
    const secrets = role.rules.filter((rule: AnyObject) => rule.resources.includes("secrets"));
    expect(secrets).toEqual([{ apiGroups: [""], resources: ["secrets"], resourceNames: ["keys"], verbs: ["get"] }]);
  });

  test("with it doctor ends with exit 0, and nothing is unknown", async () => {
    const { json, code } = await eventually("the Role is in force", async () => {
      const run = await doctor();
      return run.code === 0 && run;
    });
    expect(json.results.filter((result: AnyObject) => !["pass", "skip"].includes(result.status))).toEqual([]);
    expect(code).toBe(0);
  });

  test.each([
    ["antflyclusters", ["ANT0101"], 5],
    ["antflybackups", ["ANT0202", "ANT0206"], 5],
    ["antflyrestores", ["ANT0202", "ANT0206"], 5],
    ["secrets", ["ANT0201"], 5],
    ["pods", ["ANT0701"], 5],
    ["statefulsets", ["ANT0702"], 0],
  ] as const)("without its verb on %s, %j are unknown and the exit code is %i", async (resource, codes, exit) => {
    const path = `${API}/namespaces/${namespace}/roles/${role.metadata.name}`;
    const write = (rules: readonly AnyObject[]): Promise<AnyObject> =>
      cluster.admin.must("PATCH", path, { contentType: "application/merge-patch+json", body: { rules } });
    await write(role.rules.filter((rule: AnyObject) => !rule.resources.includes(resource)));
    try {
      const { json, code } = await eventually("the smaller Role is in force", async () => {
        const run = await doctor();
        return codes.every((wanted) => statusOf(run.json, wanted) === "unknown") && run;
      });
      expect(code).toBe(exit);
      const [first] = codes;
      const { unknown } = json.results.find((result: AnyObject) => result.code === first);
      expect(unknown[0].grant).toContain(resource);
      // The others are unharmed, or blocked under what could not be told; never failed, and none of these passes.
      for (const result of json.results)
        expect(["pass", "skip", "unknown", "blocked", "warn"]).toContain(result.status);
      const missing = json.results.find((result: AnyObject) => result.code === "ANT0102").findings;
      expect(missing[0]?.message).toContain(resource);
    } finally {
      await write(role.rules);
    }
  });
}

function statusOf(document: AnyObject, code: string): string {
  return document.results.find((result: AnyObject) => result.code === code).status;
}
