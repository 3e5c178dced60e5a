import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { googleFailure, googleOn } from "../support/google-client.ts";
import { startGoogleServer, type InProcessGoogle } from "../support/google-server/index.ts";

const CLUSTER = { project: "acme-prod", location: "europe-west1", name: "prod" };
const POLL = "container.operations.get";

let cloud: InProcessGoogle;
beforeAll(async () => (cloud = await startGoogleServer()));
beforeEach(() => cloud.reset({ clusters: [{ nodePools: { "default-pool": "" } }] }));
afterAll(() => cloud.stop());

const polls = (): number => cloud.calls.filter(({ action }) => action === POLL).length;

test("a change is waited for until GKE is done with it", async () => {
  const google = await googleOn(cloud);
  await google.setMetadataMode(CLUSTER, "default-pool", "GKE_METADATA");
  expect(polls()).toBeGreaterThan(1);
  expect((await google.getCluster(CLUSTER)).nodePools).toMatchObject([{ metadataMode: "GKE_METADATA" }]);
  google.close();
});

test.each<[string, object]>([
  ["error", { error: { code: 8, message: "Insufficient quota to satisfy the request." } }],
  ["clusterConditions", { clusterConditions: [{ message: "Insufficient quota to satisfy the request." }] }],
])("one that GKE could not carry out is told with its reason: %s", async (_, how) => {
  const operation = { name: "operation-1", status: "DONE", ...how };
  cloud.fail({ match: POLL, how: { body: JSON.stringify(operation) } });
  const google = await googleOn(cloud);
  expect(await googleFailure(google.setMetadataMode(CLUSTER, "default-pool", "GKE_METADATA"))).toMatchObject({
    failure: "server-error",
    message: "GKE could not do it: Insufficient quota to satisfy the request.",
  });
  google.close();
});

test("an answer that says nothing of it is no end", async () => {
  cloud.fail({ match: POLL, how: { body: "{}" } });
  const google = await googleOn(cloud);
  expect(await googleFailure(google.setWorkloadPool(CLUSTER, "acme-prod.svc.id.goog"))).toMatchObject({
    failure: "malformed",
    action: POLL,
  });
  google.close();
});

test("an interruption ends the waiting, and says what goes on", async () => {
  cloud.fail({ match: POLL, how: { body: JSON.stringify({ name: "operation-1", status: "RUNNING" }) } });
  const stop = new AbortController();
  const google = await googleOn(cloud, { signal: stop.signal });
  const change = google.setMetadataMode(CLUSTER, "default-pool", "GKE_METADATA");
  await expect.poll(polls).toBeGreaterThan(0);
  stop.abort();
  await expect(change).rejects.toMatchObject({
    exit: 130,
    message: expect.stringMatching(/^interrupted; GKE goes on with operation operation-\d+/),
  });
  google.close();
});
