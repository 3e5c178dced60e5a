import { createServer, type Server } from "node:http";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import type { Aws } from "../../src/ports.ts";
import { credentialsOf, failureOf, storeOn, toolOn } from "../support/aws-client.ts";
import { startAwsServer, type InProcessCloud } from "../support/aws-server/index.ts";
import { CANARY_ID, CANARY_OWN_SECRET, CANARY_SECRET } from "../support/canaries.ts";

const KEY = credentialsOf({ id: CANARY_ID, secret: CANARY_SECRET });
const OWN = { AWS_ACCESS_KEY_ID: CANARY_ID, AWS_SECRET_ACCESS_KEY: CANARY_OWN_SECRET };

/** A proxy that lets nobody through, and notes who asked for what. */
let proxy: Server;
let asked: string[];
let env: Record<string, string>;
beforeAll(async () => {
  proxy = createServer();
  proxy.on("connect", ({ url }, socket) => {
    asked.push(url ?? "");
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  env = { ...OWN, HTTPS_PROXY: `http://127.0.0.1:${port}` };
});
beforeEach(() => (asked = []));
afterAll(() => new Promise((resolve) => proxy.close(resolve)));

/** Who is asked in the end, through the proxy of the environment. */
async function hosts(more: Readonly<Record<string, string>>, call: (aws: Aws) => Promise<unknown>): Promise<string[]> {
  const aws = await toolOn({ env: { ...env, ...more } }, { timeoutMs: 5_000 });
  expect((await failureOf(call(aws)))["failure"]).toBe("unreachable");
  aws.close();
  return [...new Set(asked)];
}

describe("who is asked when nothing says otherwise", () => {
  test.each<[string, string, (aws: Aws) => Promise<unknown>]>([
    ["eu-west-1", "sts.eu-west-1.amazonaws.com", (aws) => aws.callerIdentity()],
    ["eu-west-1", "iam.amazonaws.com", (aws) => aws.getRole("antfly")],
    ["eu-west-1", "eks.eu-west-1.amazonaws.com", (aws) => aws.listClusters()],
    ["cn-north-1", "sts.cn-north-1.amazonaws.com.cn", (aws) => aws.callerIdentity()],
    ["cn-north-1", "iam.cn-north-1.amazonaws.com.cn", (aws) => aws.getRole("antfly")],
    ["us-gov-west-1", "iam.us-gov.amazonaws.com", (aws) => aws.getRole("antfly")],
    ["us-iso-east-1", "sts.us-iso-east-1.c2s.ic.gov", (aws) => aws.callerIdentity()],
    ["us-east-1", "sts.ap-south-1.amazonaws.com", (aws) => aws.callerIdentity(KEY, "ap-south-1")],
    [
      "us-east-1",
      "acme.s3.eu-west-1.amazonaws.com",
      (aws) => storeOn(aws, "acme", KEY, { region: "eu-west-1" }).list("", 1),
    ],
    // A dot in the name: no certificate is for a host two labels below.
    [
      "us-east-1",
      "s3.eu-west-1.amazonaws.com",
      (aws) => storeOn(aws, "a.cme", KEY, { region: "eu-west-1" }).list("", 1),
    ],
    [
      "us-east-1",
      "storage.googleapis.com",
      (aws) => storeOn(aws, "acme", KEY, { provider: "gcs", region: "" }).list("", 1),
    ],
    [
      "us-east-1",
      "acme.s3.amazonaws.com",
      (aws) => storeOn(aws, "acme", KEY, { endpoint: "https://s3.amazonaws.com" }).list("", 1),
    ],
    [
      "us-east-1",
      "minio.acme.test",
      (aws) =>
        storeOn(aws, "acme", KEY, { provider: "s3-compatible", endpoint: "https://minio.acme.test" }).list("", 1),
    ],
  ])("in %s: %s", async (region, host, call) => {
    expect(await hosts({ AWS_REGION: region }, call)).toEqual([`${host}:443`]);
  });

  test("no region is needed for STS and IAM, and one is for EKS", async () => {
    expect(await hosts({}, (aws) => aws.callerIdentity())).toEqual(["sts.us-east-1.amazonaws.com:443"]);
    const aws = await toolOn({ env });
    expect(aws.region).toBeUndefined();
    expect(await failureOf(aws.listClusters())).toMatchObject({
      failure: "invalid",
      action: "eks:ListClusters",
      message: "no AWS region is set: give --region, or set AWS_REGION",
    });
    aws.close();
  });

  test("a host that NO_PROXY names is asked directly", async () => {
    const aws = await toolOn({ env: { ...env, NO_PROXY: "127.0.0.1", AWS_ENDPOINT_URL_IAM: "https://127.0.0.1:2" } });
    expect((await failureOf(aws.getRole("antfly")))["message"]).toContain("the connection was refused");
    expect(asked).toEqual([]);
    aws.close();
  });
});

describe("endpoints of the environment", () => {
  let cloud: InProcessCloud;
  beforeAll(
    async () =>
      (cloud = await startAwsServer({ roles: [{ name: "antfly", trust: "{}" }], buckets: [{ name: "acme" }] })),
  );
  afterAll(() => cloud.stop());

  test("a bare AWS_ENDPOINT_URL is for a store: it is not followed, and a note says so", async () => {
    const more = { AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL: cloud.s3 };
    expect(await hosts(more, (aws) => aws.getRole("antfly"))).toEqual(["iam.amazonaws.com:443"]);
    asked = [];
    expect(await hosts(more, (aws) => aws.callerIdentity())).toEqual(["sts.eu-west-1.amazonaws.com:443"]);
    const aws = await toolOn({ env: { ...env, ...more } });
    expect(aws.notes).toEqual([
      "AWS_ENDPOINT_URL is set, and not followed for STS, IAM and EKS, because people set it for a store; AWS_ENDPOINT_URL_STS, _IAM and _EKS are",
    ]);
    expect(cloud.calls).toEqual([]);
    aws.close();
  });

  test("each service has its own", async () => {
    const aws = await toolOn(cloud);
    expect(aws.notes).toEqual([]);
    expect((await aws.getRole("antfly")).name).toBe("antfly");
    aws.close();
    const { AWS_ENDPOINT_URL_IAM: _, ...others } = cloud.env;
    asked = [];
    const half = await toolOn({ env: { ...others, HTTPS_PROXY: env["HTTPS_PROXY"] ?? "" } });
    await half.callerIdentity();
    expect((await failureOf(half.getRole("antfly")))["failure"]).toBe("unreachable");
    expect(new Set(asked)).toEqual(new Set(["iam.amazonaws.com:443"]));
    half.close();
  });

  test("of a store: its own goes before that of the environment", async () => {
    const aws = await toolOn(cloud);
    const { AWS_ACCESS_KEY_ID: id = "", AWS_SECRET_ACCESS_KEY: secret = "" } = cloud.env;
    expect(await storeOn(aws, "acme", credentialsOf({ id, secret })).list("", 1)).toEqual([]);
    const elsewhere = storeOn(aws, "acme", KEY, { endpoint: "http://127.0.0.1:2" });
    expect((await failureOf(elsewhere.list("", 1)))["message"]).toContain("127.0.0.1:2 cannot be reached");
    aws.close();
  });

  test.each(["minio:9000", "not a url", "ftp://minio", ""])("%j is none", async (endpoint) => {
    const { AWS_ENDPOINT_URL_S3: _, ...others } = cloud.env;
    const aws = await toolOn({ env: others });
    const store = storeOn(aws, "acme", KEY, { provider: "s3-compatible", endpoint: endpoint || undefined });
    expect(await failureOf(store.list("", 1))).toMatchObject({
      failure: "invalid",
      action: "s3:ListBucket",
      message: expect.stringMatching(/endpoint/),
    });
    aws.close();
  });
});

test("flags and region", async () => {
  const none = await toolOn({ env: { AWS_DEFAULT_REGION: "eu-north-1" } });
  expect([none.flags, none.region]).toEqual([[], "eu-north-1"]);
  const both = await toolOn({ env: { AWS_REGION: "eu-north-1" } }, { profile: "prod", region: "us-west-2" });
  expect([both.flags, both.region]).toEqual([["--profile", "prod", "--region", "us-west-2"], "us-west-2"]);
  for (const aws of [none, both]) aws.close();
});
