import { createServer, type Server } from "node:http";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { Sensitive } from "../../src/domain/sensitive.ts";
import type { Google } from "../../src/ports.ts";
import { googleFailure, googleOn } from "../support/google-client.ts";
import { startGoogleServer, type InProcessGoogle } from "../support/google-server/index.ts";

const CLUSTER = { project: "acme-prod", location: "europe-west1", name: "prod" };
const TOKEN = new Sensitive("a-token-of-somebody");

/** A proxy that lets nobody through, and notes who asked for what. */
let proxy: Server;
let asked: string[];
let cloud: InProcessGoogle;
/** The cloud's credentials, the proxy, and nobody's endpoints but Google's own. */
let env: Record<string, string>;
beforeAll(async () => {
  cloud = await startGoogleServer({ clusters: [{}], buckets: [{ name: "acme-backups" }] });
  proxy = createServer();
  proxy.on("connect", ({ url }, socket) => {
    asked.push(url ?? "");
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const own = Object.entries(cloud.env).filter(([name]) => !name.startsWith("CLOUDSDK_API_ENDPOINT_OVERRIDES_"));
  env = { ...Object.fromEntries(own), HTTPS_PROXY: `http://127.0.0.1:${port}` };
});
beforeEach(() => {
  asked = [];
  cloud.calls.length = 0;
});
afterAll(async () => {
  await cloud.stop();
  await new Promise((resolve) => proxy.close(resolve));
});

test.each<[string, (google: Google) => Promise<unknown>]>([
  ["container.googleapis.com", (google) => google.getCluster(CLUSTER)],
  ["iam.googleapis.com", (google) => google.getServiceAccount("a@acme-prod.iam.gserviceaccount.com")],
  ["cloudresourcemanager.googleapis.com", (google) => google.getProject("acme-prod")],
  ["serviceusage.googleapis.com", (google) => google.getService("acme-prod", "iamcredentials.googleapis.com")],
  ["sts.googleapis.com", (google) => google.exchangeToken({ audience: "a", token: TOKEN })],
  [
    "iamcredentials.googleapis.com",
    (google) => google.generateAccessToken({ account: "a@b", token: TOKEN, lifetimeSeconds: 900 }),
  ],
  ["storage.googleapis.com", (google) => google.getBucket("acme-backups")],
  ["storage.googleapis.com", (google) => google.objectStore({ bucket: "acme-backups", token: TOKEN }).list("", 1)],
])("%s is asked, through the proxy of the environment", async (host, call) => {
  const google = await googleOn({ env });
  expect((await googleFailure(call(google)))["failure"]).toBe("unreachable");
  expect([...new Set(asked)]).toEqual([`${host}:443`]);
  google.close();
});

test("a host that NO_PROXY names is asked directly", async () => {
  const more = { NO_PROXY: "127.0.0.1", CLOUDSDK_API_ENDPOINT_OVERRIDES_IAM: "https://127.0.0.1:2/" };
  const google = await googleOn({ env: { ...env, ...more } });
  const refused = await googleFailure(google.getServiceAccount("a@acme-prod.iam.gserviceaccount.com"));
  expect(refused["message"]).toContain("the connection was refused");
  expect(asked).toEqual([]);
  google.close();
});

describe("gcloud's own variables", () => {
  test.each(["/storage/v1/", "/storage/v1", "/", ""])(
    "storage is taken with and without its path: %j",
    async (path) => {
      const google = await googleOn(cloud, { env: { CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `${cloud.url}${path}` } });
      expect((await google.getBucket("acme-backups")).name).toBe("acme-backups");
      google.close();
    },
  );

  test.each(["localhost:4443", "no url", "ftp://acme.test"])(
    "%j is no address: it is not told, and nothing is sent",
    async (set) => {
      const google = await googleOn(cloud, { env: { CLOUDSDK_API_ENDPOINT_OVERRIDES_CONTAINER: set } });
      await expect(google.getCluster(CLUSTER)).rejects.toMatchObject({
        name: "UserError",
        message: "CLOUDSDK_API_ENDPOINT_OVERRIDES_CONTAINER holds no URL",
        hint: "as in CLOUDSDK_API_ENDPOINT_OVERRIDES_CONTAINER=https://container.googleapis.com/",
      });
      expect(cloud.calls).toEqual([]);
      google.close();
    },
  );
});

describe("what is named cannot lead elsewhere", () => {
  test.each<[string, (google: Google) => Promise<unknown>]>([
    ["/iam/v1/projects/-/serviceAccounts/..%2F..%2Fa%3Fb%23c", (google) => google.getServiceAccount("../../a?b#c")],
    ["/storage/v1/b/a%2Fo", (google) => google.getBucket("a/o")],
    [
      "/storage/v1/b/acme-backups/o/..%2F..%2Fx%25",
      (google) => google.objectStore({ bucket: "acme-backups", token: TOKEN }).get("../../x%"),
    ],
  ])("%s", async (path, call) => {
    const google = await googleOn(cloud);
    await googleFailure(call(google));
    expect(cloud.calls.at(-1)?.path.split("?")[0]).toBe(path);
    google.close();
  });

  test.each<[string, (google: Google) => Promise<unknown>]>([
    ["a bucket", (google) => google.getBucket("..")],
    ["a role", (google) => google.getRole("roles/..")],
    ["an object", (google) => google.objectStore({ bucket: "acme-backups", token: TOKEN }).get(".")],
  ])("%s of dots is not asked about", async (_, call) => {
    const google = await googleOn(cloud);
    expect(await googleFailure(call(google))).toMatchObject({
      failure: "invalid",
      message: "Google has nothing that is called so",
    });
    expect(cloud.calls).toEqual([]);
    google.close();
  });
});

test("an interruption ends a read, and not what is shielded", async () => {
  const stop = new AbortController();
  const google = await googleOn(cloud, { signal: stop.signal });
  await google.getProject("acme-prod");
  cloud.fail({ match: "container.clusters.get", how: "hang", times: 1 });
  const read = google.getCluster(CLUSTER);
  await expect.poll(() => cloud.calls.some(({ operation }) => operation.includes("clusters.get"))).toBe(true);
  stop.abort();
  await expect(read).rejects.toMatchObject({ name: "UserError", exit: 130 });
  await expect(google.getProject("acme-prod")).rejects.toMatchObject({ exit: 130 });
  expect((await google.shielded(() => google.getProject("acme-prod"))).id).toBe("acme-prod");
  google.close();
  cloud.heal();
});
