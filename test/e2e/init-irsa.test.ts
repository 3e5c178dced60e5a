import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, describe, expect, test } from "vitest";
import { parse } from "yaml";

import { secret, secretRef } from "../support/antfly.ts";
import { EKS_ISSUER } from "../support/aws-server/index.ts";
import { CANARY_ID, CANARY_SECRET } from "../support/canaries.ts";
import type { AnyObject } from "../support/follow.ts";
import { BUCKET, identityBed, NS, type BedOptions, type IdentityBed } from "../support/identity-bed.ts";
import type { BinOptions, BinRun } from "../support/run-bin.ts";
import { trustFor } from "../support/test-cloud.ts";
import { keptFolder, type WrittenFolder } from "../support/write-to.ts";
import { userWith, type PolicyRule } from "../support/test-cluster.ts";

const HOST = EKS_ISSUER.replace("https://", "");
const ROLE = "antfly-production-c1";
const ARN = `arn:aws:iam::123456789012:role/${ROLE}`;
const ANNOTATION = "eks.amazonaws.com/role-arn";
const ARGO = { "argocd.argoproj.io/tracking-id": "app:x" };
const YES = ["--yes", "--wait", "0s"];

let bed: IdentityBed;
afterEach(() => bed.stop());

const start = async (options: BedOptions = {}): Promise<void> => {
  bed = await identityBed(options);
};
const init = (args: readonly string[] = YES, options: BinOptions = {}): Promise<BinRun> =>
  bed.runHere(["init", "irsa", "c1", ...args], options);
/** The same by the built bin. */
const initByBin = (args: readonly string[]): Promise<BinRun> => bed.run(["init", "irsa", "c1", ...args]);
const get = (path: string): Promise<AnyObject> => bed.kube.admin.must("GET", path);
const clusterNow = (): Promise<AnyObject> => get(`/apis/antfly.io/v1/namespaces/${NS}/antflyclusters/c1`);
const accountNow = (name: string): Promise<AnyObject> => get(`/api/v1/namespaces/${NS}/serviceaccounts/${name}`);
const account = (name: string, metadata: AnyObject = {}): AnyObject => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name, namespace: NS, ...metadata },
});
const connection = (source: string): AnyObject => ({
  kind: "external_io",
  capabilities: ["backup.write", "restore.read"],
  external_io: { protocol: "s3", buckets: [BUCKET], credentials: { source } },
});
const writes = (): readonly unknown[] => [
  ...bed.kube.calls.filter(
    ({ verb, dryRun, resource, subresource }) =>
      ["create", "patch", "update", "delete"].includes(verb) &&
      !dryRun &&
      subresource !== "token" &&
      !resource.endsWith("reviews"),
  ),
  ...bed.cloud.calls.filter(({ operation }) => /^(Create|Delete|Put|Update|Add|Remove)/.test(operation)),
];
const forget = (): void => {
  bed.kube.calls.length = 0;
  bed.cloud.calls.length = 0;
};

describe("from nothing", () => {
  test("to a proven role: provider, role, policy, ServiceAccount, AntflyCluster and backup", async () => {
    await start();
    const run = await initByBin([...YES, "-o", "json"]);
    expect(run.code).toBe(0);
    const codes = Object.fromEntries(run.json.results.map((result: AnyObject) => [result.code, result.status]));
    expect(codes).toMatchObject({
      ANT0601: "pass",
      ANT0602: "pass",
      ANT0603: "pass",
      ANT0604: "pass",
      ANT0605: "pass",
    });
    const { roles, providers } = bed.cloud.state.actual;
    expect([...providers.values()][0]).toMatchObject({
      url: HOST,
      clientIds: ["sts.amazonaws.com"],
      tags: { "managed-by": "antfly-creds" },
    });
    const role = roles.get(ROLE);
    expect(JSON.parse(role?.trust ?? "").Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${HOST}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            [`${HOST}:aud`]: "sts.amazonaws.com",
            [`${HOST}:sub`]: "system:serviceaccount:production:c1",
          },
        },
      },
    ]);
    expect([...(role?.inline.keys() ?? [])]).toEqual([
      expect.stringMatching(/^antfly-creds-production-c1-[0-9a-f]{8}$/),
    ]);
    expect((await accountNow("c1")).metadata.annotations[ANNOTATION]).toBe(ARN);
    const { spec } = await clusterNow();
    expect(spec.serviceAccountName).toBe("c1");
    expect(JSON.parse(spec.config).connections["backup-store"].external_io).toEqual({
      protocol: "s3",
      region: "us-east-1",
      buckets: [BUCKET],
      prefix: "search/",
      credentials: {
        source: "web_identity",
        role_arn: ARN,
        token_file: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
      },
    });
    const backup = await get(`/apis/antfly.io/v1/namespaces/${NS}/antflybackups/nightly`);
    expect(backup.spec.destination).toEqual({ location: `s3://${BUCKET}/search`, connection: "backup-store" });
    // Neither the probe nor the note of the run is left behind.
    expect(await bed.everything()).toMatchObject({ objects: [[]], notes: [] });
  });

  test("twice changes nothing", async () => {
    await start();
    expect((await init()).code).toBe(0);
    const before = await bed.everything();
    forget();
    const again = await init();
    expect(again.stderr).toBe(
      "Nothing to change: the pods of AntflyCluster c1 run as ServiceAccount c1, which has IAM role antfly-production-c1.\n",
    );
    expect(again.code).toBe(0);
    // The proof is made again, and writes its object.
    expect(writes().filter((call) => !((call as { operation?: string }).operation ?? "").endsWith("Object"))).toEqual(
      [],
    );
    expect(await bed.everything()).toEqual(before);
  });

  test("although AWS shows what was written only after a while", async () => {
    await start({ eventual: 700 });
    const run = await init(["--yes", "--wait", "3s"]);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain("Proof       5 passed");
  });

  test("a dry run plans it, has the API server check its part, and changes nothing", async () => {
    await start();
    const before = await bed.everything();
    forget();
    const run = await init(["--dry-run", "-o", "json"]);
    expect(run.code).toBe(0);
    expect(run.json.steps.map((step: AnyObject) => step.do)).toEqual([
      "aws.provider.create",
      "aws.role.create",
      "aws.role.policy",
      "service-account.apply",
      "cluster.patch",
      "backup.patch",
    ]);
    expect(run.stderr).toContain("the API server accepts its steps, and AWS can only be asked by doing it");
    expect(writes()).toEqual([]);
    expect(await bed.everything()).toEqual(before);
  });

  test("a configuration is shown as it is indented, by tabs too", async () => {
    await start({ spec: { config: '{\n\t"log": {\n\t\t"level": "info"\n\t}\n}' } });
    expect((await init(["--dry-run"])).stdout).toContain('       "log": {\n         "level": "info"\n');
  });

  test("without --yes and without a terminal nothing is done: exit 2", async () => {
    await start();
    const before = await bed.everything();
    const run = await initByBin([]);
    expect(run.stderr).toContain("look at the plan above and add --yes");
    expect(run.code).toBe(2);
    expect(await bed.everything()).toEqual(before);
  });
});

describe("what is there already", () => {
  const OTHER = { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };
  const THEIRS = { Version: "2012-10-17", Statement: [OTHER] };
  const MORE = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "sqs:*", Resource: "*" }] };

  test("is added to: client id, trust policy and annotation; other policies of the role stay", async () => {
    await start({
      aws: {
        buckets: [{ name: BUCKET }],
        providers: [{ issuer: "ISSUER", clientIds: ["sts.amazon.com"] }],
        roles: [{ name: "shared", path: "/team/", trust: THEIRS, inline: { queue: MORE } }],
      },
      spec: { serviceAccountName: "antfly" },
      objects: [account("antfly", { labels: { team: "search" } })],
    });
    const run = await init([...YES, "--role", "shared"]);
    expect(run.code).toBe(0);
    const role = bed.cloud.state.actual.roles.get("shared");
    expect(JSON.parse(role?.trust ?? "").Statement).toHaveLength(2);
    expect(JSON.parse(role?.trust ?? "").Statement[0]).toEqual(OTHER);
    expect(JSON.parse(role?.inline.get("queue") ?? "")).toEqual(MORE);
    expect([...bed.cloud.state.actual.providers.values()][0]?.clientIds).toEqual([
      "sts.amazon.com",
      "sts.amazonaws.com",
    ]);
    const { labels, annotations } = (await accountNow("antfly")).metadata;
    expect(labels).toEqual({ team: "search" });
    expect(annotations[ANNOTATION]).toBe("arn:aws:iam::123456789012:role/team/shared");
  });

  test("what the pods pull their images with goes over to a new ServiceAccount, and stays there", async () => {
    await start();
    await bed.kube.admin.must("PATCH", `/api/v1/namespaces/${NS}/serviceaccounts/default`, {
      contentType: "application/merge-patch+json",
      body: { imagePullSecrets: [{ name: "registry" }] },
    });
    const run = await init();
    expect(run.stderr).toContain("+ imagePullSecrets: registry, as the pods have it now");
    expect((await accountNow("c1")).imagePullSecrets).toEqual([{ name: "registry" }]);
    expect(run.code).toBe(0);
    const next = await init([...YES, "--role", "another"]);
    expect(next.stderr).toContain("done: annotate ServiceAccount production/c1");
    expect((await accountNow("c1")).imagePullSecrets).toEqual([{ name: "registry" }]);
  });

  test("a role that denies the ServiceAccount is not touched", async () => {
    const deny = { ...OTHER, Effect: "Deny", Principal: "*", Action: "sts:*" };
    await start({
      aws: { buckets: [{ name: BUCKET }], roles: [{ name: ROLE, trust: { ...THEIRS, Statement: [OTHER, deny] } }] },
    });
    const before = await bed.everything();
    const run = await init();
    expect(run.stderr).toContain(`IAM role ${ROLE} cannot be made to trust ServiceAccount c1`);
    expect(run.code).toBe(2);
    expect(await bed.everything()).toEqual(before);
  });

  test.each([
    ["that has keys of its own", { mine: connection("static") }, "which does not use this role"],
    ["that is not there", {}, "which spec.config does not have"],
  ])("a backup with a connection %s stays so, and it is said what changes it", async (_, connections, why) => {
    await start({
      spec: { config: JSON.stringify({ connections }) },
      backup: { location: `s3://${BUCKET}/nightly`, connection: "mine" },
    });
    const run = await init([...YES, "--bucket", `${BUCKET}/nightly`]);
    expect(run.stderr).toContain(`note: AntflyBackup nightly stays with connection mine, ${why}; afterwards`);
    const patch = /kubectl patch antflybackup nightly -n production --type merge -p '(.*)'/.exec(run.stderr)?.[1] ?? "";
    await bed.kube.admin.must("PATCH", `/apis/antfly.io/v1/namespaces/${NS}/antflybackups/nightly`, {
      contentType: "application/merge-patch+json",
      body: JSON.parse(patch),
    });
    expect((await init()).stderr).toMatch(/^Nothing to change/);
  });

  test("an annotation that somebody else owns is a conflict that is shown, and never forced", async () => {
    await start();
    await bed.kube.admin.must("PATCH", `/api/v1/namespaces/${NS}/serviceaccounts/c1`, {
      contentType: "application/apply-patch+yaml",
      query: { fieldManager: "platform" },
      body: account("c1", { annotations: { [ANNOTATION]: "arn:aws:iam::123456789012:role/old" } }),
    });
    const before = await bed.everything();
    const run = await init([...YES, "--role", "new"]);
    expect(run.stderr).toContain("platform");
    expect(run.code).toBe(2);
    expect(await bed.everything()).toEqual(before);
  });

  test("spec.eks.irsaRoleARN: it is said that it does nothing, and it stays", async () => {
    const eks = { irsaRoleARN: "arn:aws:iam::123456789012:role/other" };
    await start({ spec: { eks } });
    const run = await init();
    expect(run.stderr).toContain("note: spec.eks.irsaRoleARN does nothing, and names another role");
    expect((await clusterNow()).spec.eks).toEqual(eks);
  });

  test.each([
    ["of the AntflyCluster", { metadata: { annotations: ARGO } }, "AntflyCluster production/c1 is managed by Argo CD"],
    [
      "of the ServiceAccount",
      { objects: [account("c1", { annotations: ARGO })] },
      "ServiceAccount production/c1 is managed by Argo CD",
    ],
  ])("an owner %s is respected, unless told", async (_, options, message) => {
    await start(options);
    const before = await bed.everything();
    const refused = await init();
    expect(refused.stderr).toContain(message);
    expect(refused.stderr).toContain("--write-to DIR, or insist with --managed");
    expect(refused.code).toBe(2);
    expect(await bed.everything()).toEqual(before);
    expect((await init([...YES, "--write-to", "out"])).code).toBe(0);
    expect(await bed.everything()).toEqual(before);
    expect((await init([...YES, "--managed"])).code).toBe(0);
  });
});

describe("generations whose backups cannot use a role", () => {
  test.each([1, 2] as const)(
    "%i: it says so before it asks AWS anything, and changes nothing: exit 3",
    async (generation) => {
      await start({ generation });
      const before = await bed.everything();
      forget();
      const run = await init([...YES, "-o", "json"]);
      expect(run.code).toBe(3);
      expect(run.json.error.message).toContain(`the operator is of generation ${generation}`);
      expect(run.json.error.hint).toContain("antfly-creds init secret c1 -n production --provider aws");
      expect(bed.cloud.calls).toEqual([]);
      expect(writes()).toEqual([]);
      expect(await bed.everything()).toEqual(before);
    },
  );

  test("one that cannot be told is none that can", async () => {
    await start();
    bed.kube.faults.add({
      when: ({ resource }) => resource === "customresourcedefinitions",
      fault: { kind: "status", code: 403, reason: "Forbidden", message: "no" },
    });
    const run = await init();
    expect(run.stderr).toContain("which generation of the operator runs here could not be told");
    expect(run.code).toBe(3);
  });

  test.each([1, 2] as const)(
    "%i with --identity-only: the role is set up, and ANT0306 warns: exit 0",
    async (generation) => {
      await start({ generation });
      const run = await init([...YES, "--identity-only", "-o", "json"]);
      const result = run.json.results.find((one: AnyObject) => one.code === "ANT0306");
      expect(result.status).toBe("warn");
      expect(run.code).toBe(0);
      expect((await accountNow("c1")).metadata.annotations[ANNOTATION]).toBe(ARN);
      const { spec } = await clusterNow();
      expect([spec.serviceAccountName, spec.config]).toEqual(["c1", "{}"]);
      const backup = await get(`/apis/antfly.io/v1/namespaces/${NS}/antflybackups/nightly`);
      expect(backup.spec.destination.connection).toBeUndefined();
    },
  );
});

describe("a cluster with static keys", () => {
  const KEYS = { AWS_ACCESS_KEY_ID: CANARY_ID, AWS_SECRET_ACCESS_KEY: CANARY_SECRET, AWS_REGION: "us-east-1" };
  const withKeys = (extra: AnyObject = {}): Promise<void> =>
    start({
      aws: {
        buckets: [{ name: BUCKET }],
        users: [
          {
            name: "backup",
            keys: [{ id: CANARY_ID, secret: CANARY_SECRET }],
            inline: { all: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] } },
          },
        ],
      },
      spec: {
        metadataNodes: nodes("metadataAPI", "metadataRaft"),
        dataNodes: nodes("api", "raft"),
      },
      objects: [secret(NS, "keys", { ...KEYS, ...extra })],
    });
  const nodes = (api: string, raft: string): AnyObject => ({
    replicas: 3,
    [api]: {},
    [raft]: {},
    resources: { limits: {} },
    envFrom: [secretRef("other", { optional: true }), secretRef("keys")],
  });

  test("keeps them; once the role is proven, it is said how to do without them", async () => {
    await withKeys();
    const before = (await clusterNow()).spec.dataNodes;
    const run = await init();
    expect(run.code).toBe(0);
    expect((await clusterNow()).spec.dataNodes).toEqual(before);
    expect(bed.cloud.state.actual.users.get("backup")?.keys.get(CANARY_ID)?.status).toBe("Active");
    expect(run.stderr).toContain("The role is proven, and the static keys of Secret keys are still there and valid.");
    expect(run.stderr).toContain("aws iam update-access-key --user-name backup --status Inactive --access-key-id");
    expect(run.stderr).toContain("kubectl delete secret keys -n production");
    // The printed patch does what it says.
    const patch = /kubectl patch antflycluster c1 -n production --type json -p '(.*)'/.exec(run.stderr)?.[1] ?? "";
    await bed.kube.admin.must("PATCH", `/apis/antfly.io/v1/namespaces/${NS}/antflyclusters/c1`, {
      contentType: "application/json-patch+json",
      body: JSON.parse(patch),
    });
    const { dataNodes, metadataNodes } = (await clusterNow()).spec;
    for (const group of [dataNodes, metadataNodes])
      expect(group.envFrom).toEqual([secretRef("other", { optional: true })]);
  });

  test("names what else the Secret brings", async () => {
    await withKeys({ LOG_LEVEL: "debug" });
    expect((await init()).stderr).toContain("# it also brings LOG_LEVEL: put these elsewhere first");
  });

  test("says nothing of dropping them while the role is not proven", async () => {
    await withKeys();
    bed.cloud.fail({ action: "AssumeRoleWithWebIdentity", how: { status: 403, code: "AccessDenied", message: "no" } });
    const run = await init();
    expect(run.code).toBe(3);
    expect(run.stderr).not.toContain("kubectl delete secret");
  });
});

describe("--write-to", () => {
  test("writes all of it, and touches neither the cluster nor AWS", async () => {
    await start();
    const before = await bed.everything();
    forget();
    const run = await init(["--write-to", "out"], {
      after: (cwd) => {
        const read = (name: string): string => readFileSync(join(cwd, "out", name), "utf8");
        expect(parse(read("serviceaccount-c1.yaml")).metadata.annotations[ANNOTATION]).toBe(ARN);
        expect(parse(read("antflycluster-c1.patch.yaml")).spec.serviceAccountName).toBe("c1");
        expect(parse(read("antflybackup-nightly.patch.yaml")).spec.destination.connection).toBe("backup-store");
        expect(JSON.parse(read("trust.json")).Statement).toHaveLength(1);
        expect(JSON.parse(read("permissions.json")).Statement).toHaveLength(2);
        for (const name of ["role.tf", "aws.sh"]) expect(read(name)).toContain(ROLE);
        expect(existsSync(join(cwd, "out", "trust-before.json"))).toBe(false);
      },
    });
    expect(run.code).toBe(0);
    expect(run.stderr).toContain("sh out/aws.sh");
    expect(run.stderr).toContain("kubectl patch antflybackup nightly -n production --type merge");
    expect(writes()).toEqual([]);
    expect(await bed.everything()).toEqual(before);
  });

  test("the script does in AWS what init does, once and no more; then init finds nothing to do there", async () => {
    await start({ aws: { buckets: [{ name: BUCKET }], providers: [{ issuer: "ISSUER", clientIds: ["other"] }] } });
    let folder: WrittenFolder | undefined;
    await init(["--write-to", "out"], { after: (cwd) => (folder = keptFolder(join(cwd, "out"))) });
    try {
      for (const _ of ["once", "twice"])
        expect(await folder?.runScript(bed.cloud.env)).toEqual({ code: 0, stderr: "" });
      const plan = await init(["--dry-run", "-o", "json"]);
      expect(plan.json.steps.map((step: AnyObject) => step.do)).toEqual([
        "service-account.apply",
        "cluster.patch",
        "backup.patch",
      ]);
      const role = bed.cloud.state.actual.roles.get(ROLE);
      if (role !== undefined) role.trust = JSON.stringify({ Version: "2012-10-17", Statement: [] });
      const changed = await folder?.runScript(bed.cloud.env);
      expect(changed?.stderr).toContain(`error: role ${ROLE} has another trust policy than when this was written`);
      expect(changed?.code).toBe(1);
    } finally {
      folder?.remove();
    }
  });

  test("the script adds to a role that is there, and does nothing in another account", async () => {
    const theirs = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
    };
    await start({ aws: { buckets: [{ name: BUCKET }], roles: [{ name: ROLE, trust: theirs }] } });
    let folder: WrittenFolder | undefined;
    await init(["--write-to", "out", "--role", ROLE], { after: (cwd) => (folder = keptFolder(join(cwd, "out"))) });
    try {
      expect(await folder?.runScript(bed.cloud.env)).toEqual({ code: 0, stderr: "" });
      expect(JSON.parse(bed.cloud.state.actual.roles.get(ROLE)?.trust ?? "").Statement).toHaveLength(2);
      bed.cloud.reset({ account: "999999999999" });
      const elsewhere = await folder?.runScript(bed.cloud.env);
      expect(elsewhere?.stderr).toContain(
        "these are credentials of account 999999999999, and the role is to be in 123456789012",
      );
      expect([elsewhere?.code, bed.cloud.state.actual.roles.size]).toEqual([1, 0]);
    } finally {
      folder?.remove();
    }
  });

  test("replaces no file that is there, unless told", async () => {
    await start();
    const files = { "out/role.tf": "# mine\n" };
    const kept = await init(["--write-to", "out"], {
      files,
      after: (cwd) => expect(readFileSync(join(cwd, "out/role.tf"), "utf8")).toBe("# mine\n"),
    });
    expect(kept.code).toBe(2);
    expect((await init(["--write-to", "out", "--overwrite"], { files })).code).toBe(0);
  });
});

describe("what it refuses", () => {
  test.each<[string, BedOptions, readonly string[], string]>([
    ["no role", {}, ["--role", "x y"], '--role says "x y", which is no role'],
    [
      "a role elsewhere",
      {},
      ["--role", "arn:aws:iam::999999999999:role/x"],
      "is in account 999999999999, and your AWS identity in 123456789012",
    ],
    [
      "a role in China",
      {},
      ["--role", "arn:aws-cn:iam::123456789012:role/x"],
      "is in account 123456789012 of aws-cn, and your AWS identity in 123456789012",
    ],
    ["a role's name that is too long", {}, ["--role", "x".repeat(65)], "up to 64 letters, digits and _+=,.@-"],
    [
      "a role that the same cluster of another Kubernetes has made",
      { aws: { buckets: [{ name: BUCKET }], roles: [{ name: ROLE, trust: trustFor("nobody") }] } },
      [],
      `IAM role ${ROLE} is there already and does not trust ServiceAccount production/c1 of this cluster: it may be that of another one`,
    ],
    [
      "everybody's ServiceAccount",
      {},
      ["--service-account", "default"],
      "ServiceAccount default is that of every pod of the namespace",
    ],
    ["no name of a ServiceAccount", {}, ["--service-account", "A_b"], '"A_b" cannot be the name of a ServiceAccount'],
    [
      "an annotation that is no role",
      { objects: [account("c1", { annotations: { [ANNOTATION]: "antfly" } })] },
      [],
      "annotation eks.amazonaws.com/role-arn says",
    ],
    ["no bucket", { backup: undefined }, [], "no AntflyBackup of c1 says which bucket backups go to"],
    [
      "a bucket that has keys of its own",
      {
        spec: { config: JSON.stringify({ connections: { mine: connection("static") } }) },
        backup: { location: `s3://${BUCKET}/nightly`, connection: "mine" },
      },
      [],
      "what the backups of c1 go to (AntflyBackup nightly) has keys or a store of its own, and takes no role",
    ],
    [
      "a configuration that is none",
      { spec: { config: "oops" } },
      [],
      "spec.config of AntflyCluster production/c1 is no JSON object",
    ],
  ])("%s: exit 2, and nothing is changed", async (_, options, args, message) => {
    await start(options);
    const before = await bed.everything();
    const run = await init([...YES, ...args]);
    expect(run.stderr).toContain(message);
    expect(run.code).toBe(2);
    expect(await bed.everything()).toEqual(before);
  });

  test("a role of the same name with another path", async () => {
    await start({
      aws: { buckets: [{ name: BUCKET }], roles: [{ name: "x", path: "/team/", trust: trustFor("nobody") }] },
    });
    const run = await init([...YES, "--role", "arn:aws:iam::123456789012:role/x"]);
    expect(run.stderr).toContain("the role of that name is arn:aws:iam::123456789012:role/team/x");
    expect(run.code).toBe(2);
  });

  test("no cloud to work in", async () => {
    await start();
    const run = await init(YES, { env: { ANTFLY_CREDS_CLOUD: "off" } });
    expect(run.stderr).toContain("init irsa works in AWS, and ANTFLY_CREDS_CLOUD=off is set");
    expect(run.code).toBe(2);
  });

  test("what AWS does not allow is named: exit 2", async () => {
    await start({ aws: { buckets: [{ name: BUCKET }], denied: ["iam:GetRole"] } });
    const before = await bed.everything();
    const run = await init();
    expect(run.stderr).toContain("your AWS identity is not allowed iam:GetRole");
    expect(run.stderr).toContain("antfly-creds permissions -n production c1 --init-irsa");
    expect(run.code).toBe(2);
    expect(await bed.everything()).toEqual(before);
  });
});

test("with exactly the rights that permissions prints, on both sides", async () => {
  await start();
  const print = async (...args: string[]): Promise<AnyObject> =>
    (await bed.run(["permissions", "c1", "--init-irsa", "-o", "json", ...args])).json;
  const printed = await print();
  const roles = printed["iamPolicy"].Statement.find((one: AnyObject) => one["Action"].includes("iam:PutRolePolicy"));
  expect(roles.Resource).toEqual([`arn:aws:iam::*:role/${ROLE}`]);
  const rules = (kind: string): PolicyRule[] =>
    printed["documents"].filter((one: AnyObject) => one.kind === kind).flatMap((one: AnyObject) => one["rules"]);
  const token = await userWith(bed.kube, NS, "setter-up", rules("Role"), rules("ClusterRole"));
  await bed.cloud.seed({ users: [{ name: "setter-up", inline: { printed: printed["iamPolicy"] } }] });
  const { id, secret: own } = await bed.cloud.createKey("setter-up");
  const env = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: own };
  const as = { kubeconfig: bed.kube.kubeconfig({ namespace: NS, token }), env };
  const run = await init(YES, as);
  expect(run.stderr).not.toContain("error:");
  expect(run.code).toBe(0);
  // What it has done it may also take back; what it prints for another role is enough for that one.
  bed.kube.faults.add({
    when: ({ resource, verb, dryRun }) => resource === "antflyclusters" && verb === "patch" && !dryRun,
    fault: { kind: "status", code: 500, message: "away" },
  });
  const other = ["--role", "another"];
  expect((await init([...YES, ...other], as)).stderr).toContain(
    "permissions -n production c1 --init-irsa --role another",
  );
  const policy = JSON.stringify((await print(...other))["iamPolicy"]);
  bed.cloud.state.actual.users.get("setter-up")?.inline.set("printed", policy);
  expect((await init([...YES, ...other], as)).code).toBe(6);
});
