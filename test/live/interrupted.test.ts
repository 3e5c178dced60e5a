import { DeleteOpenIDConnectProviderCommand } from "@aws-sdk/client-iam";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { liveBed } from "../bed/live-bed.ts";
import { Cable } from "../support/cable.ts";
import { IdentityWorld, type IdentityBed } from "../support/mending/identity-world.ts";
import { whatInitWrites } from "../support/mending/what-init-writes.ts";
import { BUCKET, CLUSTER } from "../support/mending/world.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { PodIdentityWebhook } from "../support/pod-identity-webhook/webhook.ts";
import type { BinOptions, BinRun } from "../support/run-bin.ts";

const INIT = ["init", "irsa", CLUSTER, "--yes"];
/** Steps of `init irsa` from nothing. */
const STEPS = [1, 2, 3, 4, 5, 6];

let bed: IdentityBed;
let node: NodeStandIn;
let operator: OperatorStandIn;
let webhook: PodIdentityWebhook;
let world: IdentityWorld;
const cables: Cable[] = [];

beforeAll(async () => {
  const servers = await liveBed();
  const { admin } = servers.cluster;
  node = await NodeStandIn.start(admin);
  operator = await OperatorStandIn.start(servers.cluster, 3);
  webhook = await PodIdentityWebhook.start(admin);
  bed = { ...servers, webhook: { comes: async () => {}, leaves: async () => {} } };
  await bed.cloud.seed({ buckets: [{ name: BUCKET }] });
});
afterAll(async () => {
  await webhook.stop();
  await operator.stop();
  await node.stop();
  await Promise.all([bed.cloud.stop(), bed.cluster.stop()]);
});
afterEach(async () => {
  world.stop();
  await Promise.all(cables.splice(0).map((cable) => cable.stop()));
});

/** Does something as soon as `init` has said that it has done so many steps. */
function afterStep(n: number, then: (kill: (signal: NodeJS.Signals) => void) => void): Pick<BinOptions, "during"> {
  return {
    during: (child) => {
      let said = "";
      const look = (chunk: Buffer): void => {
        said += chunk.toString("utf8");
        if (said.match(/^done: /gm)?.length !== n) return;
        child.stderr?.off("data", look);
        then((signal) => child.kill(signal));
      };
      child.stderr?.on("data", look);
    },
  };
}

async function fromNothing(): Promise<void> {
  world = await IdentityWorld.bare(bed);
  const OpenIDConnectProviderArn = `arn:aws:iam::${bed.cloud.account}:oidc-provider/${world.issuer}`;
  await world.iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn })).catch(() => {});
}

/** The next run says what the one before had set out to, ends in a proven identity, and leaves nothing to do. */
async function expectNextToFinish(): Promise<void> {
  const next = await world.tool(INIT);
  expect(next.stderr).toMatch(/note: a run that began at \S+ was cut off, or is still at work\. It had set out to:/);
  expect(next.stderr).toContain(`create IAM role ${world.role}: `);
  expect(next.stdout).toContain("Proof       5 passed");
  expect(next.code).toBe(0);
  expect((await whatInitWrites(world)).notes).toEqual([]);
  expect((await world.tool(INIT)).stderr).toMatch(/^Nothing to change/);
}

describe("init irsa", () => {
  test.each(STEPS)("SIGTERM after step %i: all is undone, or it says that it stays", async (step) => {
    await fromNothing();
    const before = await whatInitWrites(world);
    const run = await world.tool(
      INIT,
      afterStep(step, (kill) => kill("SIGTERM")),
    );
    expect(run.code, run.stderr).toBe(130);
    // The last steps are done before the signal is there.
    if (run.stderr.includes("what was applied stays"))
      expect((await world.tool(INIT)).stderr).toMatch(/^Nothing to change/);
    else expect(await whatInitWrites(world)).toEqual(before);
  });

  test.each(STEPS.slice(0, -1))("kill -9 after step %i: the next run names it and goes on", async (step) => {
    await fromNothing();
    const run = await world.tool(
      INIT,
      afterStep(step, (kill) => kill("SIGKILL")),
    );
    expect(run.code).toBeNull();
    // The last step may be done, too, and the note of the run be gone with it.
    const { notes } = await whatInitWrites(world);
    if (notes.length > 0) await expectNextToFinish();
    else expect((await world.tool(INIT)).stderr).toMatch(/^Nothing to change/);
  });

  test("AWS is out of reach after step 2: what is left is named, and the next run goes on", async () => {
    await fromNothing();
    const cable = await cableTo(bed.cloud.env["AWS_ENDPOINT_URL_IAM"]);
    const env = { AWS_ENDPOINT_URL_IAM: `http://${cable.host}`, AWS_ENDPOINT_URL_STS: `http://${cable.host}` };
    await expectLeft(2, await world.tool([...INIT, "--timeout", "2s"], { env, ...afterStep(2, () => cable.cut()) }));
  });

  test("the cluster is out of reach after step 3: what is left is named, and the next run goes on", async () => {
    await fromNothing();
    const { url } = bed.cluster;
    const cable = await cableTo(url);
    const kubeconfig = bed.cluster.kubeconfig({ namespace: world.namespace }).replace(url, `https://${cable.host}`);
    const cut = afterStep(3, () => cable.cut());
    await expectLeft(3, await world.tool([...INIT, "--timeout", "2s"], { kubeconfig, ...cut }));
  });

  /** All steps that were done, and the one of which nobody knows. */
  async function expectLeft(done: number, { code, stderr }: BinRun): Promise<void> {
    const titles = [...stderr.matchAll(/^done: (.*)$/gm)].map(([, title]) => title ?? "");
    const error = /^error: .*$/m.exec(stderr)?.[0] ?? "";
    expect([code, titles.length], stderr).toEqual([7, done]);
    for (const title of titles) expect(error).toContain(title);
    expect(error).toContain("whether this took effect is not known: ");
    await expectNextToFinish();
  }
});

describe("the probe", () => {
  const DOCTOR = ["doctor", CLUSTER, "--prove", "-o", "json"];

  async function proven(): Promise<void> {
    ({ world } = await IdentityWorld.start(bed));
  }

  /** Runs the proof, and does something as soon as a request of this kind is on its way to the probe's object. */
  async function prove(
    method: string,
    then: (cable: Cable, kill: (signal: NodeJS.Signals) => void) => void,
  ): Promise<BinRun> {
    const cable = await cableTo(bed.cloud.s3);
    return world.tool([...DOCTOR, "--timeout", "2s"], {
      env: { AWS_ENDPOINT_URL_S3: `http://${cable.host}` },
      during: (child) => {
        cable.onRequest = (text) => {
          if (!new RegExp(`^${method} /${BUCKET}/\\S*\\.antfly-creds-probe/`, "m").test(text)) return;
          cable.onRequest = () => {};
          then(cable, (signal) => child.kill(signal));
        };
      },
    });
  }

  async function objects(): Promise<(string | undefined)[]> {
    const { Contents = [] } = await world.s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    return Contents.map(({ Key }) => Key);
  }

  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s while the object is written and read: it is removed",
    async (signal) => {
      await proven();
      for (const method of ["PUT", "GET", "DELETE"]) {
        const run = await prove(method, (_, kill) => kill(signal));
        expect([method, run.code, await objects()]).toEqual([method, 130, []]);
      }
    },
  );

  test("kill -9 while it is read: the next run names it with what removes it", async () => {
    await proven();
    const run = await prove("GET", (_, kill) => kill("SIGKILL"));
    expect([run.code, await objects()]).toEqual([null, [expect.stringContaining(".antfly-creds-probe/")]]);
    await expectNamed((await world.tool(DOCTOR)).json.residue);
  });

  test("the store is out of reach while it is read: it is named with what removes it", async () => {
    await proven();
    const run = await prove("GET", (cable) => cable.cut());
    expect(run.code).toBe(5);
    await expectNamed(run.json.residue);
  });

  /** The one object is told, and the command that is printed removes it. */
  async function expectNamed(residue: readonly { what: string; command: string }[]): Promise<void> {
    const [key = ""] = await objects();
    expect(residue).toHaveLength(1);
    expect(residue[0]?.what).toContain(`s3://${BUCKET}/${key}`);
    await world.person.enters(residue[0]?.command ?? "");
    expect(await objects()).toEqual([]);
    const { code, json } = await world.tool(DOCTOR);
    expect([code, json.residue]).toEqual([0, []]);
  }
});

/** A cable to the server of a URL, for the time of a test. */
async function cableTo(target = ""): Promise<Cable> {
  const cable = await Cable.to(target);
  cables.push(cable);
  return cable;
}
