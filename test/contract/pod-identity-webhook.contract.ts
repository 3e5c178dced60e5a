import { afterAll, beforeAll, expect, test } from "vitest";

import { allReady, antflyCluster, create, eventually, podsOf } from "../support/antfly.ts";
import type { AnyObject } from "../support/follow.ts";
import { NodeStandIn } from "../support/node/node.ts";
import { OperatorStandIn } from "../support/operator/operator.ts";
import { PodIdentityWebhook } from "../support/pod-identity-webhook/webhook.ts";
import { freshNamespace, type TestCluster } from "../support/test-cluster.ts";

const ROLE = "arn:aws:iam::123456789012:role/antfly";
const TOKEN_FILE = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";
const DOMAIN = "eks.amazonaws.com";

/** What the webhook of EKS does to new pods, on whichever API server: the rules that its source has. */
export function podIdentityWebhook(start: () => Promise<TestCluster>): void {
  let cluster: TestCluster;
  let namespace: string;
  let webhook: PodIdentityWebhook;
  const associated = new Set<string>();

  beforeAll(async () => {
    cluster = await start();
    namespace = await freshNamespace(cluster, "webhook");
    webhook = await PodIdentityWebhook.start(cluster.admin, {
      associated: async (_, name) => associated.has(name),
      region: "eu-west-1",
    });
    await serviceAccount("irsa", { [`${DOMAIN}/role-arn`]: ROLE });
    await serviceAccount("plain", {});
  });

  afterAll(async () => {
    await webhook.stop();
    await cluster.stop();
  });

  async function serviceAccount(name: string, annotations: Record<string, string>): Promise<void> {
    await create(cluster.admin, {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name, namespace, annotations },
    });
  }

  let count = 0;
  async function pod(
    serviceAccountName: string,
    metadata: AnyObject = {},
    container: AnyObject = {},
  ): Promise<AnyObject> {
    count += 1;
    return create(cluster.admin, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `p${count}`, namespace, ...metadata },
      spec: {
        serviceAccountName,
        automountServiceAccountToken: false,
        initContainers: [{ name: "first", image: "x" }],
        containers: [
          { name: "antfly", image: "x", ...container },
          { name: "beside", image: "x" },
        ],
      },
    });
  }

  const variables = (container: AnyObject): Record<string, string> =>
    Object.fromEntries((container.env ?? []).map(({ name, value }: AnyObject) => [name, value]));
  const REGIONS = {
    AWS_STS_REGIONAL_ENDPOINTS: "regional",
    AWS_DEFAULT_REGION: "eu-west-1",
    AWS_REGION: "eu-west-1",
  };
  const IDENTITY = { AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: TOKEN_FILE };

  test("the role of the ServiceAccount: variables and a token in every container", async () => {
    const { spec } = await pod("irsa");
    for (const container of [...spec.initContainers, ...spec.containers]) {
      expect(variables(container)).toEqual({ ...REGIONS, ...IDENTITY });
      expect(container.volumeMounts).toEqual([
        { name: "aws-iam-token", readOnly: true, mountPath: "/var/run/secrets/eks.amazonaws.com/serviceaccount" },
      ]);
    }
    const serviceAccountToken = { audience: "sts.amazonaws.com", expirationSeconds: 86_400, path: "token" };
    const [volume] = spec.volumes;
    expect(volume.name).toBe("aws-iam-token");
    expect(volume.projected.sources).toEqual([{ serviceAccountToken }]);
  });

  test("a ServiceAccount without a role: the pod is left alone", async () => {
    const { spec, metadata } = await pod("plain");
    expect(spec.containers[0].env).toBeUndefined();
    expect(spec.volumes).toBeUndefined();
    expect(metadata.labels).toBeUndefined();
  });

  test("annotations choose audience, expiry and the endpoints; the least expiry is ten minutes", async () => {
    await serviceAccount("chosen", {
      [`${DOMAIN}/role-arn`]: "not-an-arn",
      [`${DOMAIN}/audience`]: "example.test",
      [`${DOMAIN}/sts-regional-endpoints`]: "false",
      [`${DOMAIN}/token-expiration`]: "5",
    });
    const { spec } = await pod("chosen");
    const { audience, expirationSeconds } = spec.volumes[0].projected.sources[0].serviceAccountToken;
    expect({ audience, expirationSeconds }).toEqual({ audience: "example.test", expirationSeconds: 600 });
    const { AWS_STS_REGIONAL_ENDPOINTS: endpoints, AWS_ROLE_ARN: role } = variables(spec.containers[0]);
    expect({ endpoints, role }).toEqual({ endpoints: undefined, role: "not-an-arn" });
    const longer = await pod("chosen", { annotations: { [`${DOMAIN}/token-expiration`]: "3600" } });
    expect(longer.spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds).toBe(3600);
  });

  test("a label keeps the webhook away, an annotation from single containers", async () => {
    const labelled = await pod("irsa", { labels: { [`${DOMAIN}/skip-pod-identity-webhook`]: "true" } });
    expect(labelled.spec.containers[0].env).toBeUndefined();
    const { spec } = await pod("irsa", { annotations: { [`${DOMAIN}/skip-containers`]: "first,antfly" } });
    const given = [...spec.initContainers, ...spec.containers].map((container) => "env" in container);
    expect(given).toEqual([false, false, true]);
  });

  test("one of the two variables that is there already keeps both away", async () => {
    const env = [
      { name: "AWS_ROLE_ARN", value: "mine" },
      { name: "AWS_REGION", value: "us-west-2" },
    ];
    const { spec } = await pod("irsa", {}, { env });
    expect(variables(spec.containers[0])).toEqual({
      AWS_ROLE_ARN: "mine",
      AWS_REGION: "us-west-2",
      AWS_STS_REGIONAL_ENDPOINTS: "regional",
    });
    expect(spec.containers[0].volumeMounts).toHaveLength(1);
  });

  test("a Pod Identity association wins over the annotation", async () => {
    associated.add("irsa");
    const { spec, metadata } = await pod("irsa");
    associated.delete("irsa");
    const folder = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount";
    expect(variables(spec.containers[0])).toEqual({
      ...REGIONS,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials",
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${folder}/eks-pod-identity-token`,
    });
    expect(spec.volumes[0].projected.sources[0].serviceAccountToken.audience).toBe("pods.eks.amazonaws.com");
    expect(metadata.labels).toEqual({ [`${DOMAIN}/pod-identity`]: "enabled" });
  });

  test("a cluster's pods get the role when they are made, and not before", async () => {
    const node = await NodeStandIn.start(cluster.admin);
    const operator = await OperatorStandIn.start(cluster, 2);
    await serviceAccount("later", {});
    const wanted = antflyCluster(namespace, "c1", [], 1);
    await create(cluster.admin, { ...wanted, spec: { ...wanted.spec, serviceAccountName: "later" } });
    const ready = async (): Promise<boolean> => allReady(await podsOf(cluster.admin, namespace), 2);
    await eventually("two ready pods", ready);
    const path = `/api/v1/namespaces/${namespace}`;
    await cluster.admin.must("PATCH", `${path}/serviceaccounts/later`, {
      contentType: "application/merge-patch+json",
      body: { metadata: { annotations: { [`${DOMAIN}/role-arn`]: ROLE } } },
    });
    const roleOf = (name: string): string | undefined =>
      node.environmentOf(namespace, name, "antfly")?.get("AWS_ROLE_ARN");
    await cluster.admin.must("DELETE", `${path}/pods/c1-data-0`);
    await eventually("the role in the new pod", async () => roleOf("c1-data-0") === ROLE && (await ready()));
    expect(roleOf("c1-metadata-0")).toBeUndefined();
    await operator.stop();
    await node.stop();
  });

  test("when nobody answers, new pods are left alone: its policy is Ignore", async () => {
    await webhook.goDown();
    const { spec } = await pod("irsa");
    expect(spec.containers[0].env).toBeUndefined();
  });
}
