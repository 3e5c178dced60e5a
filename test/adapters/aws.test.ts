import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { UserError } from "../../src/domain/errors.ts";
import { Sensitive } from "../../src/domain/sensitive.ts";
import { credentialsOf, failureOf, storeOn, toolOn } from "../support/aws-client.ts";
import { THROTTLED, UNAVAILABLE, type FaultKind } from "../support/aws-server/faults.ts";
import { startAwsServer, type InProcessCloud } from "../support/aws-server/index.ts";
import { CANARY_ID, CANARY_OWN_SECRET, CANARY_SECRET } from "../support/canaries.ts";
import { trustFor } from "../support/test-cloud.ts";

const ROLE = { name: "antfly", trust: trustFor("system:serviceaccount:prod:antfly") };
const KEY = { id: CANARY_ID, secret: CANARY_SECRET };
const EVERYTHING = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
const USER = { name: "backup", keys: [KEY], inline: { all: EVERYTHING } };
const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: "123456789012" }, Action: "sts:AssumeRole" }],
});

let cloud: InProcessCloud;
beforeAll(async () => (cloud = await startAwsServer()));
afterAll(() => cloud.stop());
beforeEach(() =>
  cloud.reset({
    roles: [ROLE],
    users: [USER],
    buckets: [{ name: "acme-backups", objectLock: true }],
    clusters: [{ name: "prod" }],
  }),
);

describe("when a call goes wrong", () => {
  const calls = (action: string): number => cloud.calls.filter((call) => call.action === action).length;

  test.each<[string, FaultKind]>([
    ["throttled", THROTTLED],
    ["a server error", UNAVAILABLE],
    ["a cut connection", "reset"],
  ])("a read is repeated after %s", async (_, how) => {
    cloud.fail({ action: "iam:GetRole", times: 2, how });
    const aws = await toolOn(cloud);
    expect((await aws.getRole("antfly")).name).toBe("antfly");
    expect([calls("iam:GetRole"), aws.calls()]).toEqual([3, 3]);
    aws.close();
  });

  test.each<[string, FaultKind, object]>([
    ["throttled", THROTTLED, { failure: "throttled", code: "Throttling", status: 400, message: "Rate exceeded" }],
    ["a server error", UNAVAILABLE, { failure: "server-error", code: "ServiceUnavailable", status: 503 }],
    [
      "a cut connection",
      "reset",
      {
        failure: "unreachable",
        message: expect.stringMatching(/^127\.0\.0\.1:\d+ cannot be reached: the connection was cut$/),
      },
    ],
  ])("three times at most: %s", async (_, how, expected) => {
    cloud.fail({ action: "iam:GetRole", how });
    const aws = await toolOn(cloud);
    expect(await failureOf(aws.getRole("antfly"))).toMatchObject({ action: "iam:GetRole", ...expected });
    expect(calls("iam:GetRole")).toBe(3);
    aws.close();
  });

  test("a refusal is not repeated", async () => {
    await cloud.seed({ denied: ["iam:*"] });
    const aws = await toolOn(cloud);
    expect(await failureOf(aws.getRole("antfly"))).toEqual({
      failure: "denied",
      action: "iam:GetRole",
      code: "AccessDenied",
      status: 403,
      message:
        "User: arn:aws:iam::123456789012:user/platform is not authorized to perform: iam:GetRole on resource: role antfly because no identity-based policy allows the iam:GetRole action",
    });
    expect(calls("iam:GetRole")).toBe(1);
    aws.close();
  });

  test("a write that got no answer is not repeated: it may have taken effect", async () => {
    for (const how of ["reset", UNAVAILABLE] as const) {
      cloud.reset({ roles: [ROLE] });
      cloud.fail({ action: "iam:UpdateAssumeRolePolicy", how, after: true, times: 1 });
      const aws = await toolOn(cloud);
      expect((await failureOf(aws.updateTrustPolicy("antfly", TRUST)))["failure"]).toMatch(/unreachable|server-error/);
      expect(calls("iam:UpdateAssumeRolePolicy")).toBe(1);
      expect((await aws.getRole("antfly")).trustPolicy).toBe(TRUST);
      aws.close();
    }
  });

  test("a write that was throttled is: nobody looked at it", async () => {
    cloud.fail({ action: "s3:PutObject", how: { status: 503, code: "SlowDown" }, times: 2 });
    const aws = await toolOn(cloud);
    const store = storeOn(aws, "acme-backups", credentialsOf(KEY));
    await store.put("a", Buffer.from("1"));
    expect(calls("s3:PutObject")).toBe(3);
    aws.close();
  });

  test.each<[string, FaultKind]>([
    ["garbage", "garbage"],
    ["a page to sign in", "page"],
    ["half an answer", "half"],
  ])("an answer that is none: %s", async (_, how) => {
    cloud.fail({ action: "*", how });
    const aws = await toolOn(cloud, { timeoutMs: 3000 });
    const store = storeOn(aws, "acme-backups", credentialsOf(KEY));
    for (const call of [
      () => aws.getRole("antfly"),
      () => aws.listRolePolicies("antfly"),
      () => aws.listOidcProviders(),
      () => aws.deleteRole("antfly"),
      () => aws.callerIdentity(),
      () => aws.listClusters(),
      () => aws.describeCluster("prod"),
      () => store.list("", 1),
      () => store.versioning(),
      () => store.encryption(),
      () => store.objectLock(),
      // Of an answer without a body there is no half.
      ...(how === "half" ? [] : [() => store.put("a", Buffer.from("1"))]),
    ])
      expect([call.toString(), (await failureOf(call()))["failure"]]).toEqual([
        call.toString(),
        expect.stringMatching(/^(malformed|unreachable)$/),
      ]);
    aws.close();
  });

  test("no answer comes in time", async () => {
    cloud.fail({ action: "*", how: "hang" });
    const aws = await toolOn(cloud, { timeoutMs: 300 });
    const store = storeOn(aws, "acme-backups", credentialsOf(KEY), { timeoutMs: 200 });
    expect(await failureOf(aws.getRole("antfly"))).toMatchObject({
      failure: "timeout",
      action: "iam:GetRole",
      message: expect.stringMatching(/ did not answer within 0\.3 s$/),
    });
    expect((await failureOf(aws.updateTrustPolicy("antfly", TRUST)))["failure"]).toBe("timeout");
    expect((await failureOf(store.get("x")))["message"]).toMatch(/ did not answer within 0\.2 s$/);
    aws.close();
  });

  test("an interruption ends a read, and not a write", async () => {
    const interrupt = new AbortController();
    const aws = await toolOn(cloud, { signal: interrupt.signal });
    cloud.fail({ action: "iam:GetRole", how: "hang" });
    const read = aws.getRole("antfly");
    setTimeout(() => interrupt.abort(), 50);
    await expect(read).rejects.toBeInstanceOf(UserError);
    await aws.updateTrustPolicy("antfly", TRUST);
    await expect(aws.callerIdentity()).rejects.toMatchObject({ exit: 130 });
    expect((await aws.shielded(() => aws.callerIdentity())).account).toBe("123456789012");
    aws.close();
  });

  test("nothing listens there", async () => {
    const aws = await toolOn(cloud, { env: { AWS_ENDPOINT_URL_IAM: "http://127.0.0.1:2" } });
    expect(await failureOf(aws.getRole("antfly"))).toMatchObject({
      failure: "unreachable",
      message: "127.0.0.1:2 cannot be reached: the connection was refused: nothing listens there",
    });
    aws.close();
  });

  test("the clocks differ by more than a signature may be old", async () => {
    for (const clockOffsetMs of [-1_200_000, 1_200_000]) {
      const late = await startAwsServer({ roles: [ROLE], users: [USER], buckets: [{ name: "b" }] }, { clockOffsetMs });
      const aws = await toolOn(late);
      expect((await aws.callerIdentity()).account).toBe("123456789012");
      await aws.updateTrustPolicy("antfly", TRUST);
      await storeOn(aws, "b", credentialsOf(KEY)).put("a", Buffer.from("1"));
      aws.close();
      await late.stop();
    }
  });

  test("what a write changed is seen later", async () => {
    const slow = await startAwsServer({ roles: [ROLE] }, { eventual: 400 });
    const aws = await toolOn(slow);
    await aws.updateTrustPolicy("antfly", TRUST);
    expect((await aws.getRole("antfly")).trustPolicy).not.toBe(TRUST);
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect((await aws.getRole("antfly")).trustPolicy).toBe(TRUST);
    aws.close();
    await slow.stop();
  });
});

describe("keys", () => {
  test("a temporary key is nothing without its token, and nothing after its time", async () => {
    await cloud.seed({ roles: [{ name: "admin", trust: TRUST, inline: { all: EVERYTHING } }] });
    const expiresAt = Date.now() + 900_000;
    const session = {
      id: "ASIASESSIONSESSION01",
      secret: CANARY_SECRET,
      token: "t".repeat(40),
      role: "admin",
      sessionName: "s",
      expiresAt,
      policy: undefined,
      context: {},
    };
    cloud.state.sessions.set(session.id, session);
    const env = { AWS_ACCESS_KEY_ID: session.id, AWS_SECRET_ACCESS_KEY: session.secret };
    const withToken = { ...env, AWS_SESSION_TOKEN: session.token };
    const aws = await toolOn(cloud, { env: withToken });
    expect((await aws.callerIdentity()).arn).toBe("arn:aws:sts::123456789012:assumed-role/admin/s");
    const bare = await toolOn(cloud, { env });
    expect(await failureOf(bare.callerIdentity())).toMatchObject({
      code: "InvalidClientTokenId",
      failure: "invalid-credentials",
    });
    cloud.state.sessions.set(session.id, { ...session, expiresAt: Date.now() - 1000 });
    expect(await failureOf(aws.callerIdentity())).toMatchObject({
      failure: "invalid-credentials",
      code: "ExpiredToken",
      message: "The security token included in the request is expired",
    });
    const credentials = { ...credentialsOf(session), sessionToken: new Sensitive(session.token) };
    expect(await failureOf(storeOn(aws, "acme-backups", credentials).list("", 1))).toMatchObject({
      failure: "invalid-credentials",
      code: "ExpiredToken",
      status: 400,
      message: "The provided token has expired.",
    });
    expect(await failureOf(storeOn(aws, "acme-backups", credentialsOf(session)).list("", 1))).toMatchObject({
      code: "InvalidAccessKeyId",
    });
    aws.close();
    bare.close();
  });

  test("with a line break cannot be sent", async () => {
    const aws = await toolOn(cloud);
    const broken = credentialsOf({ id: `${CANARY_ID}\n`, secret: CANARY_SECRET });
    expect(await failureOf(aws.callerIdentity(broken))).toMatchObject({
      failure: "invalid-credentials",
      code: undefined,
    });
    expect(await failureOf(storeOn(aws, "acme-backups", broken).list("", 1))).toMatchObject({
      failure: "invalid-credentials",
    });
    const secret = credentialsOf({ id: CANARY_ID, secret: `${CANARY_SECRET}\n` });
    expect(await failureOf(aws.callerIdentity(secret))).toMatchObject({ code: "SignatureDoesNotMatch" });
    aws.close();
  });

  test("what a store repeats of the request is not shown", async () => {
    const aws = await toolOn(cloud);
    const wrong = credentialsOf({ id: CANARY_ID, secret: "w".repeat(40) });
    expect((await failureOf(storeOn(aws, "acme-backups", wrong).list("", 1)))["message"]).toBe(
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    );
    aws.close();
  });

  test("that an answer repeats are not shown", async () => {
    const aws = await toolOn(cloud);
    const echo = (secret: string): void => {
      cloud.fail({
        action: "*",
        times: 1,
        how: { status: 400, code: "ValidationError", message: `what is ${secret}?` },
      });
    };
    echo(CANARY_SECRET);
    expect((await failureOf(aws.callerIdentity(credentialsOf(KEY))))["message"]).toBe("what is [secret]?");
    echo(CANARY_OWN_SECRET);
    expect((await failureOf(aws.getRole("antfly")))["message"]).toBe("what is [secret]?");
    echo(encodeURIComponent(CANARY_SECRET));
    expect((await failureOf(storeOn(aws, "acme-backups", credentialsOf(KEY)).versioning()))["message"]).toBe(
      "what is [secret]?",
    );
    aws.close();
  });

  test("a code that is none is cut, and holds nothing that a terminal would obey", async () => {
    const aws = await toolOn(cloud);
    cloud.fail({ action: "*", times: 1, how: { status: 400, code: `Evil\u001b[31m${"x".repeat(5_000)}` } });
    const { code } = await failureOf(aws.getRole("antfly"));
    expect(code).toMatch(/^Evil[\x20-\x7e]{1,96}$/);
    aws.close();
  });

  test("of another account", async () => {
    const foreign = { id: "AKIAFOREIGNFOREIGN01", secret: "f".repeat(40) };
    await cloud.seed({ users: [{ name: "theirs", account: "999988887777", keys: [foreign] }] });
    const aws = await toolOn(cloud);
    expect((await aws.callerIdentity(credentialsOf(foreign))).arn).toBe("arn:aws:iam::999988887777:user/theirs");
    expect(await aws.accessKeyAccount(new Sensitive(foreign.id))).toBe("999988887777");
    expect(await failureOf(aws.accessKeyUser(new Sensitive(foreign.id)))).toMatchObject({ failure: "denied" });
    aws.close();
  });
});
