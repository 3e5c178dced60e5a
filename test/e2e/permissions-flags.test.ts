import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";

import { CHECKS } from "../../src/checks/index.ts";
import { CANARY_ID } from "../support/canaries.ts";
import { fixtureObjects } from "../support/fixture-objects.ts";
import type { AnyObject } from "../support/follow.ts";
import { startKubeServer, type InProcessCluster } from "../support/kube-server/index.ts";
import { runBin } from "../support/run-bin.ts";
import { userWith } from "../support/test-cluster.ts";

/** `Role production: list pods`, a line a right; with the names that narrow it. */
async function rights(...args: string[]): Promise<string[]> {
  const run = await runBin(["permissions", "-n", "production", "--secret", "keys", "-o", "json", ...args]);
  expect([run.code, run.json.exitCode]).toEqual([0, 0]);
  return run.json.documents.flatMap(({ kind, metadata, rules = [] }: AnyObject) =>
    rules.flatMap(({ apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs }: AnyObject) =>
      verbs.map((verb: string) => {
        const words = [...apiGroups, ...resources, ...resourceNames, ...nonResourceURLs];
        return [`${kind} ${metadata.namespace ?? ""}:`, verb, ...words].join(" ");
      }),
    ),
  );
}

const more = (wide: readonly string[], narrow: readonly string[]): string[] =>
  wide.filter((right) => !narrow.includes(right)).sort();

describe("each flag adds what its help says, and takes nothing away", () => {
  let usual: string[];
  beforeAll(async () => {
    usual = await rights();
  });

  test("without a flag all is in the cluster's namespace", () => {
    expect(usual.filter((right) => !right.startsWith("Role production:"))).toEqual([]);
  });

  test("--thorough: what checks read beyond the cluster's namespace", async () => {
    const thorough = await rights("--thorough");
    expect(more(usual, thorough)).toEqual([]);
    expect(more(thorough, usual)).toEqual([
      "ClusterRole : get /metrics",
      "ClusterRole : list  secrets",
      "ClusterRole : list rbac.authorization.k8s.io clusterrolebindings",
      "ClusterRole : list rbac.authorization.k8s.io clusterroles",
      "ClusterRole : list rbac.authorization.k8s.io rolebindings",
      "ClusterRole : list rbac.authorization.k8s.io roles",
      "Role kube-node-lease: list coordination.k8s.io leases",
      "Role kube-system: list  pods",
    ]);
  });

  test("--for a thorough check, or many by the beginning of their code", async () => {
    // One of Google's own reads more there, and nothing more of the cluster.
    for (const { code } of CHECKS.filter((check) => check.thorough === true && check.googleGrants === undefined)) {
      const far = (await rights("--for", code)).filter((right) => !right.startsWith("Role production:"));
      expect(far, code).not.toEqual([]);
    }
    expect(more(await rights("--for", "ANT02"), usual)).toEqual([]);
    expect(more(await rights("--for", "ANT08"), usual)).toEqual([]);
  });

  test("--why: what `why pod/NAME` and `why backup/NAME` read", async () => {
    const why = await rights("--why");
    expect(more(usual, why)).toEqual([]);
    expect(more(why, usual)).toEqual([
      "Role production: get  pods",
      "Role production: get antfly.io antflybackups",
      "Role production: get antfly.io antflyrestores",
      "Role production: list batch jobs",
    ]);
  });

  test("--why reads the pods of Jobs, whichever checks the Role is for", async () => {
    expect(await rights("--for", "ANT0101", "--why")).toContain("Role production: list  pods");
  });

  test("--optional: cluster-wide rights that only add evidence", async () => {
    const optional = await rights("--optional");
    expect(more(usual, optional)).toEqual([]);
    expect(more(optional, usual)).toEqual([
      "ClusterRole : get /.well-known/openid-configuration",
      "ClusterRole : get apiextensions.k8s.io customresourcedefinitions antflyclusters.antfly.io",
      "ClusterRole : get external-secrets.io clustersecretstores",
      "ClusterRole : list  nodes",
      "ClusterRole : list  secrets",
      "ClusterRole : list admissionregistration.k8s.io mutatingwebhookconfigurations",
      "ClusterRole : list admissionregistration.k8s.io validatingwebhookconfigurations",
      "ClusterRole : list discovery.k8s.io endpointslices",
      "Role kube-system: get apps daemonsets",
      "Role production: get  namespaces production",
    ]);
  });

  test("--init: what init writes; with --thorough as well", async () => {
    const init = await rights("--init");
    expect(more(usual, init)).toEqual([]);
    expect(more(init, usual)).toEqual([
      "Role production: create  secrets",
      "Role production: delete  secrets keys",
      "Role production: get antfly.io antflyclusters",
      "Role production: patch  secrets keys",
      "Role production: patch antfly.io antflyclusters",
    ]);
    expect(more(await rights("--thorough"), await rights("--init", "--thorough"))).toEqual([]);
  });

  test("--init-hmac: besides, the note of what is being done, after a kill the one thing that tells of a key", async () => {
    expect(more(await rights("--init-hmac"), await rights("--init"))).toEqual([
      "Role production: create  configmaps",
      "Role production: delete  configmaps",
      "Role production: patch  configmaps",
    ]);
  });

  test("--init-external-secret: what it makes, by the name of the Secret, and what it waits for", async () => {
    const init = await rights("--init-external-secret");
    expect(more(usual, init)).toEqual([]);
    expect(more(init, usual)).toEqual([
      "Role production: create external-secrets.io externalsecrets",
      "Role production: create external-secrets.io secretstores",
      "Role production: delete external-secrets.io externalsecrets keys",
      "Role production: delete external-secrets.io secretstores keys",
      "Role production: get antfly.io antflyclusters",
      "Role production: get external-secrets.io externalsecrets keys",
      "Role production: get external-secrets.io secretstores",
      "Role production: patch antfly.io antflyclusters",
      "Role production: patch external-secrets.io externalsecrets keys",
      "Role production: patch external-secrets.io secretstores keys",
    ]);
  });

  test("--service-account binds each Role, and only then", async () => {
    const args = ["permissions", "-n", "production", "--secret", "keys", "--thorough"];
    const { stdout } = await runBin([...args, "--service-account", "ci"]);
    expect(stdout.match(/^kind: .*Role$/gm)).toHaveLength(stdout.match(/^kind: .*RoleBinding$/gm)?.length ?? 0);
    expect((await runBin(args)).stdout).not.toContain("RoleBinding");
  });
});

describe("a Role made with --why", () => {
  const objects = `
- kind: AntflyCluster
  metadata: {name: search}
  spec: {metadataNodes: {envFrom: [{secretRef: {name: keys}}]}, dataNodes: {envFrom: [{secretRef: {name: keys}}]}}
- kind: Secret
  metadata: {name: keys}
  stringData: {AWS_ACCESS_KEY_ID: ${CANARY_ID}, AWS_SECRET_ACCESS_KEY: s, AWS_ENDPOINT_URL: "https://s3.us-east-1.amazonaws.com"}
- kind: AntflyBackup
  metadata: {name: nightly}
  spec: {clusterRef: {name: search}, schedule: 0 2 * * *, destination: {location: s3://bucket/prefix}}
- kind: Pod
  metadata:
    name: search-data-0
    labels: {app.kubernetes.io/name: antfly-database, app.kubernetes.io/instance: search, app.kubernetes.io/component: data}
  spec: {containers: [{name: antfly, envFrom: [{secretRef: {name: keys}}]}]}
  status: {phase: Running, containerStatuses: [{name: antfly, ready: true, state: {running: {}}}]}
`;
  let cluster: InProcessCluster;
  const why = async (object: string, user: string, ...flags: string[]): Promise<AnyObject> => {
    const printed = await runBin(["permissions", "search", "-o", "json", ...flags], {
      kubeconfig: cluster.kubeconfig({ namespace: "production" }),
    });
    const token = await userWith(cluster, "production", user, printed.json.documents[0].rules);
    const kubeconfig = cluster.kubeconfig({ namespace: "production", token });
    return (await runBin(["why", object, "-o", "json"], { kubeconfig })).json;
  };

  beforeAll(async () => {
    cluster = await startKubeServer({
      controllers: false,
      objects: fixtureObjects({ name: "", objects: parse(objects) }),
    });
  });
  afterAll(() => cluster.stop());

  test.each(["pod/search-data-0", "backup/nightly"])(
    "lets why look at all of %s; without it why cannot",
    async (object) => {
      const name = object.replace("/", "-");
      expect(await why(object, `with-${name}`, "--why")).toMatchObject({ healthy: true, unknown: [], exitCode: 0 });
      const without = await why(object, `without-${name}`);
      expect(without).toMatchObject({
        exitCode: 5,
        error: { hint: expect.stringContaining("antfly-creds permissions -n production --why") },
      });
    },
  );

  test("without it, each command says which Role to print, of the namespace that it looked at", async () => {
    const token = await userWith(cluster, "production", "nobody", []);
    const kubeconfig = cluster.kubeconfig({ namespace: "default", token });
    for (const args of [["doctor", "--show", "env"], ["hash"], ["permissions", "search"]]) {
      const { stderr, code } = await runBin([...args, "-n", "production"], { kubeconfig });
      expect(stderr, args.join(" ")).toContain("antfly-creds permissions -n production");
      expect(code).toBe(5);
    }
  });
});

describe("the IAM policy", () => {
  const policy = async (role: string, args: readonly string[], clusterEntry = "test"): Promise<AnyObject | null> => {
    const objects = [
      { kind: "AntflyCluster", metadata: { name: "search" }, spec: { serviceAccountName: "antfly" } },
      {
        kind: "ServiceAccount",
        metadata: { name: "antfly", annotations: role === "" ? {} : { "eks.amazonaws.com/role-arn": role } },
      },
    ];
    const cluster = await startKubeServer({ controllers: false, objects: fixtureObjects({ name: "", objects }) });
    try {
      const kubeconfig = cluster.kubeconfig({ namespace: "production", clusterEntry });
      return (await runBin(["permissions", "search", "-o", "json", ...args], { kubeconfig })).json.iamPolicy;
    } finally {
      await cluster.stop();
    }
  };
  const ROLE = "arn:aws-cn:iam::123456789012:role/team/antfly";
  const EKS = "arn:aws:eks:eu-west-1:123456789012:cluster/prod";
  const allow = (i: number, Action: readonly string[], ...Resource: readonly string[]): AnyObject => ({
    Sid: `AntflyCreds${i}`,
    Effect: "Allow",
    Action,
    Resource,
  });

  test("is for the role that the ServiceAccount names, and the providers of its account", async () => {
    expect(await policy(ROLE, ["--for", "ANT0303", "--for", "ANT0304"])).toEqual({
      Version: "2012-10-17",
      Statement: [
        allow(1, ["iam:GetOpenIDConnectProvider"], "arn:aws-cn:iam::123456789012:oidc-provider/*"),
        allow(2, ["iam:GetRole"], ROLE),
      ],
    });
  });

  test("is for the EKS cluster that the kubeconfig names", async () => {
    expect(await policy("", ["--for", "ANT0307", "--for", "ANT0308"], EKS)).toEqual({
      Version: "2012-10-17",
      Statement: [
        allow(1, ["eks:DescribeCluster", "eks:ListPodIdentityAssociations"], EKS),
        allow(2, ["eks:DescribeAddon"], "arn:aws:eks:eu-west-1:123456789012:addon/prod/*"),
        allow(
          3,
          ["eks:DescribePodIdentityAssociation"],
          "arn:aws:eks:eu-west-1:123456789012:podidentityassociation/prod/*",
        ),
      ],
    });
  });

  test("is not needed without a role, off EKS", async () => {
    expect(await policy("", ["--for", "ANT03"])).toBeNull();
  });

  test("takes in the policies of a static key's user, where there is no role", async () => {
    const { Statement } = (await policy("", ["--for", "ANT0815"])) as { Statement: AnyObject[] };
    expect(Statement).toMatchObject([
      {
        Action: [
          "iam:GetPolicy",
          "iam:GetPolicyVersion",
          "iam:GetUserPolicy",
          "iam:ListAttachedUserPolicies",
          "iam:ListUserPolicies",
        ],
        Resource: "*",
      },
    ]);
  });

  test("as YAML it is a comment after the Roles, which nobody applies", async () => {
    const run = await runBin(["permissions", "-n", "production", "--for", "ANT0303"]);
    expect(parse(run.stdout)).toMatchObject({ kind: "Role" });
    const comment = run.stdout.split("\n").filter((line) => line.startsWith("#"));
    const [, ...json] = comment.map((line) => line.slice(2));
    expect(JSON.parse(json.join("\n"))).toMatchObject({ Statement: [{ Action: ["iam:GetOpenIDConnectProvider"] }] });
  });
});

describe("the role on Google Cloud", () => {
  type Role = { readonly includedPermissions: readonly string[] } | null;
  const role = async (annotations: AnyObject, ...args: readonly string[]): Promise<Role> => {
    const objects = [
      { kind: "AntflyCluster", metadata: { name: "search" }, spec: { serviceAccountName: "antfly" } },
      { kind: "ServiceAccount", metadata: { name: "antfly", annotations } },
    ];
    const cluster = await startKubeServer({ controllers: false, objects: fixtureObjects({ name: "", objects }) });
    try {
      const kubeconfig = cluster.kubeconfig({ namespace: "production" });
      return (await runBin(["permissions", "search", "-o", "json", ...args], { kubeconfig })).json.googleRole;
    } finally {
      await cluster.stop();
    }
  };
  const ANNOTATION = { "iam.gke.io/gcp-service-account": "backup-sa@acme-prod.iam.gserviceaccount.com" };

  test("is not needed where nothing points to Google", async () => {
    expect(await role({})).toBeNull();
  });

  test("holds what the checks declare, where something does", async () => {
    const declared = CHECKS.filter((check) => check.thorough !== true).flatMap((check) => check.googleGrants ?? []);
    const wanted = declared.filter(({ optional }) => optional !== true).map(({ permission }) => permission);
    expect(await role(ANNOTATION)).toEqual({
      title: "antfly-creds",
      description: "What antfly-creds asks of Google Cloud",
      stage: "GA",
      includedPermissions: [...new Set(wanted)].sort(),
    });
    expect((await role(ANNOTATION, "--optional"))?.includedPermissions).toContain("container.clusters.list");
  });

  test.each<[string, readonly string[]]>([
    [
      "--init-workload-identity",
      ["container.clusters.update", "iam.serviceAccounts.setIamPolicy", "storage.buckets.setIamPolicy"],
    ],
    ["--init-hmac", ["storage.hmacKeys.create", "storage.hmacKeys.delete"]],
  ])("%s adds what that changes, wherever nothing points yet", async (flag, added) => {
    const { includedPermissions = [] } = (await role({}, flag)) ?? {};
    expect(includedPermissions).toEqual(expect.arrayContaining([...added]));
  });

  test("as YAML it is a comment that gcloud takes without its marks", async () => {
    const run = await runBin(["permissions", "-n", "production", "--init-hmac"]);
    expect(run.code).toBe(0);
    const [, after = ""] = run.stdout.split("under googleRole:\n");
    expect(parse(after.replaceAll(/^# /gm, ""))).toMatchObject({
      title: "antfly-creds",
      includedPermissions: expect.arrayContaining(["storage.hmacKeys.create"]),
    });
  });
});
