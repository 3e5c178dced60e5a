import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { antflyCluster, create, forGeneration } from "../support/antfly.ts";
import type { InProcessGoogle } from "../support/google-server/index.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { runBin, type BinRun } from "../support/run-bin.ts";
import { freshNamespace, type TestCluster } from "../support/test-cluster.ts";
import { emailOf, workloadMember, type GoogleBucketSeed } from "../support/test-google.ts";

const OBJECT_USER = "roles/storage.objectUser";
const PROOF = ["ANT0602", "ANT0603", "ANT0604", "ANT0605", "ANT0610", "ANT0611"];

/**
 * A token that this API server has minted, taken to Google and on to a bucket, by the built bin. In the live lane both the
 * API server and the server that keeps the objects are real ones.
 */
export function googleProofContract(
  start: () => Promise<{ readonly cluster: TestCluster; readonly google: InProcessGoogle }>,
): void {
  let cluster: TestCluster;
  let google: InProcessGoogle;
  let operator: OperatorStandIn;
  let namespace: string;
  let bucket: string;

  beforeAll(async () => {
    ({ cluster, google } = await start());
    operator = await OperatorStandIn.start(cluster, 3);
    namespace = await freshNamespace(cluster, "proof");
    bucket = `proof-${namespace}`;
  });
  afterAll(async () => {
    await operator.stop();
    await Promise.all([cluster.stop(), google.stop()]);
  });

  /** An AntflyCluster whose connection is to the bucket, as a Google service account or with rights of its own. */
  async function setUp(name: string, { direct = false, ...more }: Partial<GoogleBucketSeed> & { direct?: boolean }) {
    const email = emailOf(google, name);
    const base = antflyCluster(namespace, name, []);
    const gcs = { protocol: "gcs", buckets: [bucket], prefix: name, gcs_credentials: { source: "default" } };
    const config = JSON.stringify({ connections: { gcs: { kind: "external_io", external_io: gcs } } });
    const spec = { ...base.spec, serviceAccountName: name, config };
    await create(cluster.admin, forGeneration(3, { ...base, spec }));
    const annotations = direct ? {} : { "iam.gke.io/gcp-service-account": email };
    const metadata = { name, namespace, annotations };
    await create(cluster.admin, { apiVersion: "v1", kind: "ServiceAccount", metadata });
    const principal = `principal://iam.googleapis.com/projects/${google.number}/locations/global/workloadIdentityPools/${google.pool}/subject/ns/${namespace}/sa/${name}`;
    const members = [direct ? principal : `serviceAccount:${email}`];
    const user = { role: "roles/iam.workloadIdentityUser", members: [workloadMember(google, namespace, name)] };
    await google.seed({
      clusters: [{ name: "prod" }],
      accounts: [{ id: name, bindings: [user] }],
      buckets: [{ name: bucket, bindings: [{ role: OBJECT_USER, members }], ...more }],
    });
  }

  const prove = (name: string): Promise<BinRun> =>
    runBin(
      [
        "doctor",
        name,
        "--prove",
        "--only",
        "ANT06",
        "--gke-cluster",
        `${google.project}/europe-west1/prod`,
        "-o",
        "json",
      ],
      { kubeconfig: cluster.kubeconfig({ namespace }), env: { ...google.env, ANTFLY_CREDS_CLOUD: "" } },
    );
  const statuses = ({ json, stdout, stderr }: BinRun): Record<string, string> => {
    expect(json.results, `${stdout}${stderr}`).toBeDefined();
    return Object.fromEntries(json.results.map(({ code, status }: { code: string; status: string }) => [code, status]));
  };

  describe("the proof of a Google identity", () => {
    test.each([
      ["as a Google service account", "antfly-sa", false],
      ["with rights of its own", "antfly-own", true],
    ])("%s", async (_, name, direct) => {
      await setUp(name, { direct });
      const run = await prove(name);
      expect(statuses(run), run.stdout).toMatchObject(Object.fromEntries(PROOF.map((code) => [code, "pass"])));
      expect([run.code, run.json.residue]).toEqual([0, []]);
      // What this run had left would be named by the next one.
      expect((await prove(name)).json.residue).toEqual([]);
    });

    test("a bucket that keeps versions is left as it was found", async () => {
      await setUp("antfly-versions", { versioning: true });
      const run = await prove("antfly-versions");
      expect([run.code, run.json.residue, statuses(run)["ANT0605"]]).toEqual([0, [], "pass"]);
      expect((await prove("antfly-versions")).json.residue).toEqual([]);
    });

    test("an account that does not let the ServiceAccount in", async () => {
      await setUp("antfly-alone", {});
      await google.seed({ accounts: [{ id: "antfly-alone" }] });
      const run = await prove("antfly-alone");
      const codes = statuses(run);
      expect([codes["ANT0404"], codes["ANT0602"]]).toEqual(["fail", "blocked"]);
      expect(run.json.residue).toEqual([]);
    });
  });
}
