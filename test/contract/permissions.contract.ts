import { afterAll, beforeAll, expect, test } from "vitest";

import { allReady, antflyCluster, create, eventually, podsOf, secret, secretRef } from "../support/antfly.ts";
import { CANARY_ID, CANARY_SECRET } from "../support/canaries.ts";
import type { AnyObject } from "../support/follow.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { runBin, type BinRun } from "../support/run-bin.ts";
import { freshNamespace, userWith, type TestCluster } from "../support/test-cluster.ts";

const API = "/apis/rbac.authorization.k8s.io/v1";
const KEYS = `AWS_ACCESS_KEY_ID=${CANARY_ID}\nAWS_SECRET_ACCESS_KEY=${CANARY_SECRET}\n`;

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
    namespace = await healthyCluster();
    ({ token, role } = await userWithPrinted(namespace));
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

  test("there is no rule for what the cluster does not have", () => {
    expect(role.rules.flatMap((rule: AnyObject) => rule.resources)).not.toContain("configmaps");
  });

  test("no Role is printed when the names could not be read: exit 5", async () => {
    for (const args of [
      ["permissions", "c1"],
      ["permissions", "c1", "--init"],
    ]) {
      const nobody = cluster.kubeconfig({
        namespace,
        token: await userWith(cluster, namespace, `nobody-${args.length}`, []),
      });
      const run = await runBin(args, { kubeconfig: nobody });
      expect([run.code, run.stdout]).toEqual([5, ""]);
    }
  });

  test("without a cluster it is for the namespace of the context", async () => {
    const run = await runBin(["permissions"], { kubeconfig: cluster.kubeconfig({ namespace }) });
    expect(run.stdout).toContain(`namespace: ${namespace}`);
  });

  test("with it doctor ends with exit 0, and nothing is unknown", async () => {
    const { json, code } = await eventually("the Role is in force", async () => {
      const run = await doctor();
      return run.code === 0 && run;
    });
    expect(json.results.filter((result: AnyObject) => !["pass", "skip", "info"].includes(result.status))).toEqual([]);
    expect(code).toBe(0);
  });

  test("with --init it lets init secret change, make and bind a Secret; without, init says what it lacks", async () => {
    const place = await healthyCluster();
    const reader = await userWithPrinted(place);
    const init = (name: string, user: string): Promise<BinRun> =>
      runBin(
        ["init", "secret", "c1", "--from-env-file", "k.env", "--region", "us-east-1", "--yes", "--secret-name", name],
        { kubeconfig: cluster.kubeconfig({ namespace: place, token: user }), files: { "k.env": KEYS } },
      );
    const refused = await eventually("the reader's Role is in force", async () => {
      const run = await init("more", reader.token);
      return run.code === 2 && run;
    });
    expect(refused.stderr).toContain("antfly-creds permissions CLUSTER --init --secret NAME prints what init needs");

    const writer = await userWithPrinted(place, "--init", "--secret", "more");
    const patched = writer.role.rules.find((rule: AnyObject) => rule.resources[0] === "secrets" && rule.resourceNames);
    expect(patched).toMatchObject({
      resourceNames: ["c1-backup-credentials", "keys", "more"],
      verbs: ["delete", "get", "patch"],
    });
    for (const name of ["keys", "more"])
      await eventually(`init of Secret ${name}`, async () => (await init(name, writer.token)).code === 0);
    const { spec } = await cluster.admin.must("GET", `/apis/antfly.io/v1/namespaces/${place}/antflyclusters/c1`);
    expect(spec.dataNodes.envFrom).toEqual([secretRef("keys"), secretRef("more")]);
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
        expect(["pass", "skip", "info", "unknown", "blocked", "warn"]).toContain(result.status);
      const missing = json.results.find((result: AnyObject) => result.code === "ANT0102").findings;
      expect(missing[0]?.message).toContain(resource);
    } finally {
      await write(role.rules);
    }
  });

  async function healthyCluster(): Promise<string> {
    const place = await freshNamespace(cluster, "rights");
    const values = {
      AWS_ACCESS_KEY_ID: CANARY_ID,
      AWS_SECRET_ACCESS_KEY: CANARY_SECRET,
      AWS_ENDPOINT_URL: "https://s3.us-east-1.amazonaws.com",
    };
    await create(cluster.admin, secret(place, "keys", values));
    await create(cluster.admin, antflyCluster(place, "c1", [secretRef("keys")]));
    await eventually("six ready pods", async () => allReady(await podsOf(cluster.admin, place), 6));
    return place;
  }

  /** A ServiceAccount with exactly the Role that `permissions` prints, and its token. */
  async function userWithPrinted(place: string, ...options: string[]): Promise<{ token: string; role: AnyObject }> {
    const account = `user-${options.length}`;
    const args = ["permissions", "c1", "--service-account", account, "-o", "json", ...options];
    const printed = await runBin(args, { kubeconfig: cluster.kubeconfig({ namespace: place }) });
    expect(printed.code).toBe(0);
    // Two Roles in one namespace need two names.
    const documents: AnyObject[] = JSON.parse(printed.stdout.replaceAll('"antfly-creds"', `"${account}"`)).documents;
    expect(documents.map((document) => document.kind)).toEqual(["Role", "RoleBinding"]);
    for (const document of documents)
      await cluster.admin.must("POST", `${API}/namespaces/${place}/${document.kind.toLowerCase()}s`, {
        body: document,
      });
    const accounts = `/api/v1/namespaces/${place}/serviceaccounts`;
    await cluster.admin.must("POST", accounts, {
      body: { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: account } },
    });
    const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
    const { status } = await cluster.admin.must("POST", `${accounts}/${account}/token`, { body: request });
    return { token: status.token, role: documents[0] };
  }
}

function statusOf(document: AnyObject, code: string): string {
  return document.results.find((result: AnyObject) => result.code === code).status;
}
