import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import type { AnyObject } from "../support/follow.ts";
import { installGcloud } from "../support/gcloud/install.ts";
import { startGoogleServer, type InProcessGoogle } from "../support/google-server/index.ts";
import type { KeySet } from "../support/google-server/kubernetes-token.ts";
import { resultOf, shown, type Fault } from "../support/mending/fault.ts";
import { googleAnswer } from "../support/mending/google-answer.ts";
import { GoogleWorld, NODE_POOL, PROJECT, type GoogleMendingBed } from "../support/mending/google-world.ts";
import { isProven, mendingSuite } from "../support/mending/mending-suite.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import type { TestBed } from "../support/test-bed.ts";

const PROOF = ["0401", "0402", "0403", "0404", "0405", "0406", "0602", "0603", "0604", "0605", "0610", "0611"].map(
  (number) => `ANT${number}`,
);
const NODE = "node-1";
const NOT_KNOWN_YET = {
  status: 403,
  code: "PERMISSION_DENIED",
  reason: "IAM_PERMISSION_DENIED",
  message: "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).",
};

/**
 * `init workload-identity` takes a database of generation 3 from nothing to a proven identity, on a Google Cloud that
 * verifies the API server's own tokens; then each fault gives its cause first, Google decides as the tool says, and the
 * printed fix makes it whole again.
 */
export function googleFaults(
  start: () => Promise<Pick<TestBed, "cluster" | "tools">>,
  faults: readonly Fault<GoogleWorld>[],
): void {
  const programs = mkdtempSync(join(tmpdir(), "antfly-creds-gcloud-"));
  const worlds: GoogleWorld[] = [];
  let bed: GoogleMendingBed;
  let google: InProcessGoogle;
  let node: NodeStandIn;
  let operator: OperatorStandIn;

  beforeAll(async () => {
    installGcloud(programs);
    const { cluster, tools } = await start();
    const { admin } = cluster;
    const { issuer } = await admin.must("GET", "/.well-known/openid-configuration");
    const jwks = async (): Promise<KeySet> =>
      (await admin.must("GET", "/openid/v1/jwks", { accept: "application/jwk-set+json" })) as KeySet;
    google = await startGoogleServer({}, { issuer, jwks });
    node = await NodeStandIn.start(admin);
    // As GKE makes its nodes.
    await admin.must("PATCH", `/api/v1/nodes/${NODE}`, {
      contentType: "application/merge-patch+json",
      body: {
        metadata: {
          labels: { "cloud.google.com/gke-nodepool": NODE_POOL, "iam.gke.io/gke-metadata-server-enabled": "true" },
        },
        spec: { providerID: `gce://${PROJECT}/europe-west1-b/${NODE}` },
      },
    });
    operator = await OperatorStandIn.start(cluster, 3);
    bed = { cluster, google, tools: [programs, ...tools] };
  });

  afterAll(async () => {
    for (const world of worlds) world.stop();
    await operator.stop();
    await node.stop();
    await Promise.all([google.stop(), bed.cluster.stop()]);
    rmSync(programs, { recursive: true, force: true });
  });

  async function fromNothing(before?: (cloud: InProcessGoogle) => void): ReturnType<typeof GoogleWorld.start> {
    const started = await GoogleWorld.start(bed, before);
    worlds.push(started.world);
    return started;
  }

  let first: GoogleWorld | undefined;
  test("init workload-identity, from nothing: the proof is green, although Google knows of it only after a while", async () => {
    const { world, made } = await fromNothing((cloud) =>
      cloud.fail({ match: "iam.serviceAccounts.getAccessToken", times: 2, how: NOT_KNOWN_YET }),
    );
    expect(made.code, made.stderr + made.stdout).toBe(0);
    expect(isProven(made.json, PROOF), shown(made.json)).toBe(true);
    expect(made.json.residue).toEqual([]);
    first = world;
  });

  mendingSuite(faults, {
    start: async () => {
      const world = first ?? (await fromNothing()).world;
      first = undefined;
      return world;
    },
    proof: PROOF,
    agrees: expectAgreement,
  });
}

/** What the tool makes of bindings and roles is what Google does. */
async function expectAgreement(world: GoogleWorld, report: AnyObject): Promise<void> {
  const answer = await googleAnswer(world);
  if (answer === undefined) return;
  const said = (...codes: string[]): boolean | undefined => {
    const verdicts = codes.map((code) => resultOf(report, code).status);
    return verdicts.includes("fail") ? false : verdicts.every((status) => status === "pass") ? true : undefined;
  };
  const trusted = said("ANT0403", "ANT0404");
  if (trusted !== undefined) expect(answer.trusted, shown(report)).toBe(trusted);
  const allowed = said("ANT0405");
  if (answer.refused !== undefined && allowed !== undefined)
    expect(answer.refused.length === 0, `${answer.refused.join(", ")}\n${shown(report)}`).toBe(allowed);
}
