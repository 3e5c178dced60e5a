import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { connectAws } from "../../src/adapters/aws.ts";
import { findEksCluster } from "../../src/collect/aws/eks-cluster.ts";
import { readIssuer } from "../../src/collect/issuer.ts";
import type { Cloud, World } from "../../src/collect/collector.ts";
import { KubeError } from "../../src/ports.ts";
import { startAwsServer, EKS_ISSUER, type InProcessCloud } from "../support/aws-server/index.ts";
import type { AwsSeed } from "../support/test-cloud.ts";
import { testApp } from "../support/test-app.ts";

const ID = "0123456789ABCDEF0123456789ABCDEF";
const ISSUER = `https://oidc.eks.eu-west-1.amazonaws.com/id/${ID}`;
const SERVER = `https://${ID}.gr7.eu-west-1.eks.amazonaws.com`;
const ARN = "arn:aws:eks:eu-west-1:123456789012:cluster/prod";

let server: InProcessCloud;
/** Regions that clients were asked for. */
const regions: (string | undefined)[] = [];
beforeAll(async () => void (server = await startAwsServer()));
beforeEach(() => void regions.splice(0));
afterAll(() => server.stop());

const others = [1, 2, 3].map((n) => ({ name: `a${n}`, region: "eu-west-1", issuer: `${ISSUER.slice(0, -1)}${n}` }));
const prod = { name: "prod", region: "eu-west-1", issuer: ISSUER };

type Asked = { readonly eksCluster?: string; readonly kube?: Partial<Cloud["kube"]> };

function worldOf(seed: AwsSeed, cloud: Asked = {}): World {
  server.reset(seed);
  const app = testApp("");
  const forbidden = (): never => {
    throw new KubeError("forbidden", "GET /.well-known/openid-configuration is forbidden", 403);
  };
  const kube = {
    server: SERVER,
    clusterEntry: "prod",
    createToken: forbidden,
    openIdConfiguration: async () => forbidden(),
  };
  return {
    reader: undefined as never,
    namespace: "production",
    cluster: "c1",
    allNamespaces: false,
    fingerprint: () => "",
    cloud: {
      aws: (region) => {
        regions.push(region);
        const env = { ...server.env, HOME: "/nonexistent" };
        const selection = { timeoutMs: 5_000, ...(region === undefined ? {} : { region }) };
        return connectAws(selection, { env, redactor: app.redactor, signal: app.signal });
      },
      eksCluster: undefined,
      ...cloud,
      kube: { ...kube, ...cloud.kube },
    } as Cloud,
  };
}

test("the cluster whose issuer has the id of the API server's address, in its region", async () => {
  const found = await findEksCluster(worldOf({ clusters: [...others, prod] }), undefined);
  expect(found).toMatchObject({
    state: "known",
    value: { name: "prod", arn: ARN, region: "eu-west-1", issuer: ISSUER },
  });
  expect(regions).toEqual(["eu-west-1"]);
  expect(server.calls.map(({ operation }) => operation)).toEqual([
    "ListClusters",
    "DescribeCluster",
    "DescribeCluster",
    "DescribeCluster",
    "DescribeCluster",
  ]);
});

test("among many it is not looked for any longer: a flag says which", async () => {
  const found = await findEksCluster(worldOf({ clusters: [...others, { ...others[0], name: "a4" }, prod] }), undefined);
  expect(found).toMatchObject({ state: "unknown", detail: expect.stringContaining("--eks-cluster NAME says it") });
  expect(server.calls).toHaveLength(5);
});

test("the ARN that the kubeconfig calls it by, whatever region is set", async () => {
  const kube = { clusterEntry: ARN, server: "https://10.0.0.1" };
  expect(await findEksCluster(worldOf({ clusters: [prod] }, { kube }), undefined)).toMatchObject({
    value: { name: "prod" },
  });
  expect(regions).toEqual(["eu-west-1"]);
});

test("the flag comes first, and one of another cluster is noticed", async () => {
  const world = worldOf({ clusters: [prod, { ...prod, name: "flag" }] }, { eksCluster: "flag" });
  expect(await findEksCluster(world, undefined)).toMatchObject({ value: { name: "flag" } });
  expect(await findEksCluster(worldOf({ clusters: others }, { eksCluster: "a1" }), EKS_ISSUER)).toMatchObject({
    state: "unknown",
    detail: expect.stringContaining("it is another cluster"),
  });
});

test("nothing says that it is on EKS: AWS is asked nothing", async () => {
  const kube = { server: "https://10.0.0.1:6443", clusterEntry: "kind" };
  expect(await findEksCluster(worldOf({}, { kube }), undefined)).toMatchObject({ state: "absent" });
  expect(server.calls).toEqual([]);
});

test("a right that is missing is named", async () => {
  const listing = await findEksCluster(worldOf({ clusters: [prod], denied: ["eks:ListClusters"] }), undefined);
  expect(listing).toMatchObject({ state: "unknown", why: "forbidden", grant: { action: "eks:ListClusters" } });
  const flag = worldOf({ clusters: [prod], denied: ["eks:DescribeCluster"] }, { eksCluster: "prod" });
  expect(await findEksCluster(flag, undefined)).toMatchObject({
    why: "forbidden",
    grant: { action: "eks:DescribeCluster" },
  });
});

test("who may not ask EKS has the ARN", async () => {
  const world = worldOf({ clusters: [prod], denied: ["eks:DescribeCluster"] }, { kube: { clusterEntry: ARN } });
  expect(await findEksCluster(world, undefined)).toMatchObject({
    value: { name: "prod", arn: ARN, account: "123456789012", region: "eu-west-1" },
  });
});

test("the issuer is EKS's word where the API server does not tell it", async () => {
  expect(await readIssuer(worldOf({ clusters: [prod] }))).toMatchObject({ value: { url: ISSUER, source: "eks" } });
  const kube = { server: "https://10.0.0.1:6443", clusterEntry: "kind" };
  expect(await readIssuer(worldOf({}, { kube }))).toMatchObject({
    state: "unknown",
    why: "forbidden",
    grant: { resource: "/.well-known/openid-configuration" },
  });
});

test("the API server's own word comes before that of EKS", async () => {
  const kube = { openIdConfiguration: async () => ({ issuer: "https://issuer.acme.com" }) };
  expect(await readIssuer(worldOf({ clusters: [prod] }, { kube }))).toMatchObject({
    value: { url: "https://issuer.acme.com", source: "discovery" },
  });
  expect(server.calls).toEqual([]);
});
