import { afterEach, describe, expect, test } from "vitest";

import { fixtureObjects } from "../support/fixture-objects.ts";
import { EKS_ISSUER, startAwsServer, type InProcessCloud } from "../support/aws-server/index.ts";
import { startKubeServer, type InProcessCluster } from "../support/kube-server/index.ts";
import { proofObjects } from "../support/proof-fixture.ts";
import { runBin, type BinOptions, type BinRun } from "../support/run-bin.ts";
import type { AwsSeed } from "../support/test-cloud.ts";
import {
  ACCOUNT,
  allow,
  arnOf,
  AUDIENCE,
  condition,
  deny,
  GOOD,
  ISSUER,
  OTHER,
  policyOf,
  SUB,
} from "../support/trust.ts";

const REQUEST = ["--issuer", `https://${ISSUER}`, "--subject", "production/antfly-sa"];
const file = (policy: unknown): string => (typeof policy === "string" ? policy : JSON.stringify(policy, undefined, 2));

/** `trust-policy --check` of a file, with JSON. */
const check = (policy: unknown, args: readonly string[] = REQUEST, more: BinOptions = {}): Promise<BinRun> =>
  runBin(["trust-policy", "--check", "trust.json", ...args, "-o", "json"], {
    files: { "trust.json": file(policy) },
    ...more,
  });

const wrongName = policyOf(allow({ StringEquals: { aud: AUDIENCE, sub: "system:serviceaccount:production:antfly" } }));
const noAudience = policyOf(allow({ StringEquals: { sub: SUB } }));
const fromTheOffice = policyOf(
  allow({ StringEquals: { aud: AUDIENCE, sub: SUB }, IpAddress: { "aws:SourceIp": "203.0.113.0/24" } }),
);

describe("--check, on a file", () => {
  test.each<[string, unknown, string[], number, string, string | undefined]>([
    ["trusted", policyOf(GOOD), [], 0, "allow", undefined],
    ["not trusted", wrongName, [], 3, "deny", "ANT0304 irsa.sub-serviceaccount"],
    ["trusted, with a warning", noAudience, [], 0, "allow", "ANT0305 irsa.aud-missing"],
    ["trusted, and warnings count", noAudience, ["--fail-on", "warning"], 4, "allow", "ANT0305 irsa.aud-missing"],
    ["trusted, as is everyone", policyOf(allow(undefined)), [], 3, "allow", "ANT0305 irsa.condition-missing"],
    ["not to be told", fromTheOffice, [], 5, "unknown", "ANT0304 irsa.extra-condition"],
    ["told by a claim", fromTheOffice, ["--claim", "aws:SourceIp=203.0.113.7"], 0, "allow", undefined],
    [
      "told by another claim",
      fromTheOffice,
      ["--claim", "aws:SourceIp=198.51.100.7"],
      3,
      "deny",
      "ANT0304 irsa.extra-condition",
    ],
    [
      "told by a key that is not there",
      fromTheOffice,
      ["--without-claim", "aws:SourceIp"],
      3,
      "deny",
      "ANT0304 irsa.extra-condition",
    ],
    ["for another audience", policyOf(GOOD), ["--audience", "vault"], 3, "deny", "ANT0304 irsa.token-wrong-audience"],
    [
      "in another account",
      policyOf(GOOD),
      ["--account", "210987654321"],
      3,
      "deny",
      "ANT0304 irsa.federated-wrong-account",
    ],
    [
      "a subject by its claim",
      policyOf(GOOD),
      ["--claim", "sub=repo:acme/x"],
      3,
      "deny",
      "ANT0304 irsa.sub-serviceaccount",
    ],
    [
      "several values",
      policyOf(allow({ "ForAnyValue:StringEquals": { amr: "b" }, StringEquals: { aud: AUDIENCE, sub: "x" } })),
      ["--claim", "sub=x", "--claim", 'amr=["a","b"]'],
      0,
      "allow",
      undefined,
    ],
    ["malformed", policyOf({ ...GOOD, Effect: "Alow" }), [], 3, "unknown", "ANT0304 irsa.trust-json"],
    [
      "too long",
      policyOf(allow({ StringEquals: { aud: AUDIENCE, sub: [SUB, "x".repeat(4000)] } })),
      [],
      3,
      "allow",
      "ANT0305 irsa.trust-size",
    ],
  ])("%s", async (_, policy, more, exitCode, decision, first) => {
    const { code, json, stderr } = await check(policy, [...REQUEST, ...more]);
    expect([code, json.exitCode, json.decision, stderr]).toEqual([exitCode, exitCode, decision, ""]);
    const [found] = json.findings;
    expect(found === undefined ? undefined : `${found.code} ${found.cause}`).toBe(first);
  });

  test("the cause has its element, its place in the file, and a patch", async () => {
    const { json } = await check(wrongName);
    const path = `/Statement/0/Condition/StringEquals/${ISSUER.replaceAll("/", "~1")}:sub`;
    const [found] = json.findings;
    expect(found).toMatchObject({
      status: "fail",
      severity: "critical",
      subject: { kind: "File", name: "trust.json" },
    });
    expect(found.evidence).toEqual([
      { label: path, path, want: SUB, has: "system:serviceaccount:production:antfly" },
      { label: "difference", path, want: null, has: "system:serviceaccount:production:antfly[-sa]" },
    ]);
    expect(found.location).toEqual({ file: "trust.json", line: 13, column: 11 });
    expect(json.patch.operations).toEqual([
      { op: "replace", path, value: ["system:serviceaccount:production:antfly", SUB] },
    ]);
    expect(json.assumed).toEqual([`the role is in account ${ACCOUNT}, which the policy names`]);
    const mended = await check(json.patch.document);
    expect([mended.code, mended.json.decision]).toEqual([0, "allow"]);
  });

  test("from standard input, as aws iam get-role prints it", async () => {
    const stdin = file({
      Role: { Arn: `arn:aws:iam::${ACCOUNT}:role/path/antfly`, AssumeRolePolicyDocument: JSON.parse(file(wrongName)) },
    });
    const { code, json } = await runBin(["trust-policy", "--check", "-", ...REQUEST, "-o", "json"], { stdin });
    expect([code, json.policy, json.assumed]).toEqual([3, "standard input", []]);
    const [fix] = json.findings[0].fixes;
    expect(fix.text).toMatch(/^aws iam update-assume-role-policy --role-name antfly --policy-document '\{"Version":/);
  });

  test("percent-encoded, as the API returns it", async () => {
    expect((await check(encodeURIComponent(file(policyOf(GOOD))))).code).toBe(0);
  });

  test("for EKS Pod Identity", async () => {
    const service = { Effect: "Allow", Principal: { Service: "pods.eks.amazonaws.com" }, Action: "sts:AssumeRole" };
    const args = ["--mechanism", "pod-identity", "--subject", "production/antfly-sa", "--account", ACCOUNT];
    const { code, json } = await check(policyOf(service), args);
    expect([code, json.decision, json.findings[0].code, json.findings[0].cause]).toEqual([
      3,
      "deny",
      "ANT0309",
      "epi.trust-no-tagsession",
    ]);
    const tags = [
      "--claim",
      "aws:RequestTag/kubernetes-namespace=a",
      "--claim",
      "aws:RequestTag/kubernetes-service-account=b",
    ];
    const scoped = policyOf({
      ...service,
      Action: "sts:*",
      Condition: { StringEquals: { "aws:RequestTag/kubernetes-namespace": "a" } },
    });
    expect((await check(scoped, ["--mechanism", "pod-identity", ...tags])).code).toBe(0);
  });

  test.each<[string, string, RegExp]>([
    ["nothing", "", /trust.json:1:1: the trust policy is empty/],
    ["no JSON", '{"Statement": [\n', /trust.json:2:1: the trust policy ends in the middle/],
    ["no policy", '{"kind": "Role"}', /trust.json:1:1: the trust policy is no trust policy: it has no Statement/],
  ])("unreadable: %s", async (_, text, message) => {
    const { code, json } = await check(text);
    expect([code, json.schema, json.error.code]).toEqual([2, "antfly-creds.error/v1", "unreadable-policy"]);
    expect(json.error.message).toMatch(message);
  });

  test.each<[string[], RegExp]>([
    [["--subject", "antfly-sa", "--issuer", ISSUER], /"antfly-sa" names no ServiceAccount/],
    [["--subject", "a/b", "--issuer", "http://x.example"], /"http:\/\/x.example" is the URL of no issuer/],
    [["--subject", "a/b", "--issuer", ISSUER, "--account", "1234"], /"1234" is the number of no AWS account/],
    [["--subject", "a/b", "--issuer", ISSUER, "--claim", "sub"], /--claim sub has no KEY=VALUE/],
    [["--subject", "a/b", "--subject", "c/d", "--issuer", ISSUER], /--subject is given 2 times/],
    [["--subject", "a/b", "--issuer", ISSUER, "--merge", "x"], /--check and --merge exclude each other/],
    [["--subject", "a/b", "--issuer", ISSUER, "--mechanism", "irsb"], /Allowed choices are irsa, pod-identity/],
  ])("wrong usage: %j", async (args, message) => {
    const { code, json } = await check(policyOf(GOOD), args);
    expect(code).toBe(2);
    expect(json.error.message).toMatch(message);
  });

  test("a file that is not there, a role without a cloud", async () => {
    const missing = await runBin(["trust-policy", "--check", "nope.json", ...REQUEST, "-o", "json"]);
    expect([missing.code, missing.json.error.message]).toEqual([2, "nope.json does not exist"]);
    const role = await runBin([
      "trust-policy",
      "--check",
      `arn:aws:iam::${ACCOUNT}:role/antfly`,
      ...REQUEST,
      "-o",
      "json",
    ]);
    expect([role.code, role.json.error.code]).toEqual([2, "no-cloud"]);
  });

  test("without a cluster, the flags have to say the request", async () => {
    const { code, json } = await check(policyOf(GOOD), ["--subject", "production/antfly-sa"]);
    expect([code, json.error.code]).toEqual([2, "no-kubeconfig"]);
    expect(json.error.hint).toContain("--issuer URL and --subject NAMESPACE/NAME");
  });

  test("an issuer of EKS never ends with a slash", async () => {
    expect(
      (await check(policyOf(GOOD), ["--issuer", `https://${ISSUER}/`, "--subject", "production/antfly-sa"])).code,
    ).toBe(0);
  });
});

describe("building, without a cluster", () => {
  const build = (args: readonly string[]): Promise<BinRun> => runBin(["trust-policy", ...args]);

  test("the least policy, and nothing but that on standard output", async () => {
    const { code, stdout, stderr } = await build([...REQUEST, "--account", ACCOUNT]);
    expect([code, JSON.parse(stdout), stderr]).toEqual([0, policyOf(GOOD), ""]);
  });

  test("several clusters and ServiceAccounts, in the partition of the issuer", async () => {
    const china = "oidc.eks.cn-north-1.amazonaws.com.cn/id/A1";
    const { json } = await build([
      "--issuer",
      china,
      "--issuer",
      OTHER,
      "--subject",
      "a/b",
      "--subject",
      "c/d",
      "--account",
      ACCOUNT,
      "-o",
      "json",
    ]);
    const [first, second] = json.policy.Statement;
    expect(first.Principal.Federated).toBe(arnOf(china, "aws-cn"));
    expect(second.Condition.StringEquals[`${OTHER}:sub`]).toEqual([
      "system:serviceaccount:a:b",
      "system:serviceaccount:c:d",
    ]);
    expect(json).toMatchObject({
      made: "built",
      subjects: ["a/b", "c/d"],
      issuers: [
        { url: china, source: "given" },
        { url: OTHER, source: "given" },
      ],
      exitCode: 0,
    });
  });

  test("for EKS Pod Identity", async () => {
    const { code, stdout } = await build(["--mechanism", "pod-identity", "--subject", "a/b", "--account", ACCOUNT]);
    expect([code, JSON.parse(stdout).Statement[0].Action]).toEqual([0, ["sts:AssumeRole", "sts:TagSession"]]);
  });

  test("without an account that anyone tells", async () => {
    const { code, json } = await build([...REQUEST, "-o", "json"]);
    expect([code, json.error.code]).toEqual([2, "no-account"]);
  });

  test("what belongs to --check is refused", async () => {
    expect((await build([...REQUEST, "--account", ACCOUNT, "--claim", "a=b"])).code).toBe(2);
  });
});

describe("--merge, into a file", () => {
  const merge = (
    policy: unknown,
    args: readonly string[],
    output: readonly string[] = ["-o", "json"],
  ): Promise<BinRun> =>
    runBin(["trust-policy", "--merge", "trust.json", ...args, ...output], { files: { "trust.json": file(policy) } });

  test("adds the ServiceAccount, and nothing the second time", async () => {
    const args = ["--issuer", ISSUER, "--subject", "staging/antfly-sa", "--account", ACCOUNT];
    const first = await merge(policyOf(GOOD), args);
    expect([first.code, first.json.operations.length, first.json.command]).toEqual([0, 1, null]);
    const second = await merge(first.json.policy, args);
    expect([second.code, second.json.operations]).toEqual([0, []]);
    expect((await check(first.json.policy)).code).toBe(0);
    const human = await merge(first.json.policy, args, []);
    expect([human.code, human.stdout]).toEqual([0, "Nothing to change in the trust policy of trust.json.\n"]);
  });

  test("a Deny stays, and is said", async () => {
    const { code, json, stderr } = await merge(policyOf(GOOD, deny({ StringEquals: { sub: SUB } })), [
      ...REQUEST,
      "--account",
      ACCOUNT,
    ]);
    expect([code, json.operations]).toEqual([3, []]);
    expect(stderr).toBe("note: ServiceAccount production/antfly-sa stays out: a Deny of the policy is meant for it\n");
  });

  test("EKS Pod Identity beside a web identity", async () => {
    const { json } = await merge(policyOf(GOOD), [
      "--mechanism",
      "pod-identity",
      "--subject",
      "a/b",
      "--account",
      ACCOUNT,
    ]);
    expect(json.operations.map(({ op, path }: { op: string; path: string }) => [op, path])).toEqual([
      ["add", "/Statement/-"],
    ]);
  });
});

describe("with a cluster and AWS", () => {
  let cluster: InProcessCluster | undefined;
  let cloud: InProcessCloud | undefined;
  afterEach(async () => Promise.all([cluster?.stop(), cloud?.stop()]));

  const host = EKS_ISSUER.replace("https://", "");
  const mine = "system:serviceaccount:production:antfly";
  const trust = (sub: string): object =>
    policyOf({
      ...GOOD,
      Principal: { Federated: arnOf(host) },
      Condition: condition({ StringEquals: { aud: AUDIENCE, sub } }, host),
    });

  async function start(seed: AwsSeed = {}): Promise<(args: readonly string[]) => Promise<BinRun>> {
    cluster = await startKubeServer({
      controllers: false,
      issuer: EKS_ISSUER,
      objects: fixtureObjects({ name: "bed", objects: proofObjects({ role: true }) }),
    });
    cloud = await startAwsServer(seed);
    const kubeconfig = cluster.kubeconfig({ namespace: "production" });
    const env = { ...cloud.env, ANTFLY_CREDS_CLOUD: "" };
    return (args) => runBin(["trust-policy", ...args], { kubeconfig, env });
  }

  const refuse = (path: RegExp): void =>
    cluster?.faults.add({ when: (call) => path.test(call.path), fault: { kind: "status", code: 403 } });
  const minted = (): number => cluster?.calls.filter(({ path }) => path.endsWith("/token")).length ?? -1;

  test("builds from a token's own issuer, for the cluster's ServiceAccount and your account", async () => {
    const run = await start();
    const { code, stdout, stderr } = await run(["search"]);
    expect([code, JSON.parse(stdout)]).toEqual([0, trust(mine)]);
    expect(stderr).toContain(`note: the issuer is ${EKS_ISSUER}, as a token of the ServiceAccount says\n`);
    expect([minted(), cloud?.calls.map(({ operation }) => operation)]).toEqual([1, ["GetCallerIdentity"]]);
  });

  test("from what the API server serves, where no token is given", async () => {
    const run = await start();
    refuse(/\/token$/);
    const { code, json } = await run(["search", "-o", "json"]);
    expect([code, json.issuers, json.subjects, json.account]).toEqual([
      0,
      [{ url: EKS_ISSUER, source: "discovery" }],
      ["production/antfly"],
      ACCOUNT,
    ]);
  });

  test("from EKS, where the API server does not tell", async () => {
    const run = await start({ clusters: [{ name: "prod", issuer: "ISSUER" }] });
    refuse(/\/token$|openid-configuration/);
    const { code, json } = await run(["search", "--eks-cluster", "prod", "-o", "json"]);
    expect([code, json.issuers]).toEqual([0, [{ url: EKS_ISSUER, source: "eks" }]]);
  });

  test("and says so where nobody tells", async () => {
    const run = await start();
    refuse(/\/token$|openid-configuration/);
    const { code, json } = await run(["search", "-o", "json"]);
    expect([code, json.error.code, json.error.hint]).toEqual([5, "no-issuer", "say it with --issuer URL"]);
  });

  test("checks a role, mints nothing, and prints what mends it", async () => {
    const run = await start({ roles: [{ name: "antfly", trust: trust("system:serviceaccount:prod:antfly") }] });
    const { code, json } = await run(["--check", `arn:aws:iam::${ACCOUNT}:role/antfly`, "-o", "json"]);
    expect([code, json.policy, json.findings[0].cause, json.assumed]).toEqual([
      3,
      "role antfly",
      "irsa.sub-namespace",
      [`the issuer is ${EKS_ISSUER}, as the API server says`],
    ]);
    expect(json.findings[0]).toMatchObject({ subject: { kind: "IAMRole", name: "antfly" }, location: null });
    expect(json.findings[0].fixes[0].text).toMatch(
      /^aws iam update-assume-role-policy --role-name antfly --policy-document '/,
    );
    expect([minted(), cloud?.calls.map(({ operation }) => operation)]).toEqual([0, ["GetRole"]]);
  });

  test("merges into a role by its name, and changes nothing itself", async () => {
    const run = await start({ roles: [{ name: "antfly", trust: trust("system:serviceaccount:prod:antfly") }] });
    const { code, stdout } = await run(["--merge", "antfly"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`+           "${host}:sub": [`);
    expect(stdout).toMatch(
      /\naws iam update-assume-role-policy --role-name antfly --policy-document '\{"Version":.*\}'\n$/,
    );
    expect(cloud?.calls.map(({ operation }) => operation)).toEqual(["GetRole"]);
  });

  test.each<[string, AwsSeed, string, number, string]>([
    ["that is not there", {}, `arn:aws:iam::${ACCOUNT}:role/antfly`, 2, "no-role"],
    ["that may not be read", { denied: ["iam:GetRole"] }, `arn:aws:iam::${ACCOUNT}:role/antfly`, 5, "denied"],
    [
      "of another account",
      { roles: [{ name: "antfly", trust: trust(mine) }] },
      "arn:aws:iam::210987654321:role/antfly",
      2,
      "other-role",
    ],
    ["that is none", {}, `arn:aws:iam::${ACCOUNT}:user/antfly`, 2, "bad-role"],
  ])("a role %s", async (_, seed, arn, exitCode, error) => {
    const run = await start(seed);
    const { code, json } = await run(["--check", arn, ...REQUEST, "-o", "json"]);
    expect([code, json.error.code]).toEqual([exitCode, error]);
  });
});
