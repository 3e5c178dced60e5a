import { randomUUID } from "node:crypto";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Sensitive } from "../../src/domain/sensitive.ts";
import type { Aws, AwsCredentials } from "../../src/ports.ts";
import { credentialsOf, failureOf, storeOn, tokenOf, toolOn } from "../support/aws-client.ts";
import type { AnyObject } from "../support/follow.ts";
import { filledIn, roleArn, trustFor, type TestCloud } from "../support/test-cloud.ts";
import { freshNamespace, type TestCluster } from "../support/test-cluster.ts";

/** A cloud and the cluster whose tokens it verifies. */
export interface AwsBed {
  readonly cloud: TestCloud;
  readonly cluster: TestCluster;
}

/** Where the real servers of the test-bed are known to answer otherwise than AWS does. */
export interface AwsDifferences {
  /** AWS: 403 AccessDenied. */
  readonly untrusted: { readonly code: string; readonly status: number };
  /** A key that is missing, asked for by who may not list. AWS: 403 AccessDenied. */
  readonly missingKeyUnlisted: { readonly code: string; readonly status: number };
  /** IAM has managed policies. */
  readonly managedPolicies: boolean;
  /** IAM takes `pods.eks.amazonaws.com` as a principal. */
  readonly podPrincipal: boolean;
  /** A bucket can be in another region than the endpoint. */
  readonly regions: boolean;
  /** The texts are AWS's own. */
  readonly words: boolean;
}

export const LIKE_AWS: AwsDifferences = {
  untrusted: { code: "AccessDenied", status: 403 },
  missingKeyUnlisted: { code: "AccessDenied", status: 403 },
  managedPolicies: true,
  podPrincipal: true,
  regions: true,
  words: true,
};

/**
 * What the tool relies on of STS, IAM, EKS and S3, asked through its own port. The in-process server answers as AWS
 * documents it; the real servers of the test-bed hold it to what somebody else understood by that.
 */
export function awsContract(start: () => Promise<AwsBed>, differences: AwsDifferences): void {
  let cloud: TestCloud;
  let cluster: TestCluster;
  let aws: Aws;
  let ns: string;

  beforeAll(async () => {
    ({ cloud, cluster } = await start());
    aws = await toolOn(cloud);
    ns = await freshNamespace(cluster, "aws");
  });
  afterAll(async () => {
    aws.close();
    await cloud.stop();
    await cluster.stop();
  });

  const fresh = (stem: string): string => `${stem}-${randomUUID().slice(0, 8)}`;
  const subject = (name = "default", namespace = ns): string => `system:serviceaccount:${namespace}:${name}`;
  const trust = (of = subject(), audience?: string): object => filledIn(trustFor(of, audience), cloud);
  const provider = { issuer: "ISSUER", clientIds: ["sts.amazonaws.com"] };
  const allow = (actions: readonly string[], resource: unknown, more: object = {}): object => ({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: actions, Resource: resource, ...more }],
  });
  const says = (text: string): unknown => (differences.words ? text : expect.any(String));
  const assume = (role: string, token: Sensitive, policy?: object): ReturnType<Aws["assumeRoleWithWebIdentity"]> =>
    aws.assumeRoleWithWebIdentity({
      roleArn: roleArn(cloud, role),
      token,
      sessionName: "antfly-creds-check",
      durationSeconds: 900,
      policy: policy === undefined ? undefined : JSON.stringify(policy),
    });

  describe("who one is", () => {
    test("the tool's own identity", async () => {
      const { account, arn } = await aws.callerIdentity();
      expect(account).toBe(cloud.account);
      expect(arn).toContain(`::${cloud.account}:`);
    });

    test("a user's key", async () => {
      const user = fresh("user");
      await cloud.seed({ users: [{ name: user }] });
      const key = await cloud.createKey(user);
      const { arn } = await aws.callerIdentity(credentialsOf(key));
      expect(arn).toBe(`arn:aws:iam::${cloud.account}:user/${user}`);
    });

    test("a key that nobody has", async () => {
      const nobody = credentialsOf({ id: "AKIANOBODYNOBODYNOB1", secret: "n".repeat(40) });
      expect(await failureOf(aws.callerIdentity(nobody))).toMatchObject({
        failure: "invalid-credentials",
        action: "sts:GetCallerIdentity",
        code: "InvalidClientTokenId",
        status: 403,
        message: says("The security token included in the request is invalid."),
      });
    });

    test("the right key with the wrong secret", async () => {
      const user = fresh("user");
      await cloud.seed({ users: [{ name: user }] });
      const { id } = await cloud.createKey(user);
      expect(await failureOf(aws.callerIdentity(credentialsOf({ id, secret: "w".repeat(40) })))).toMatchObject({
        failure: "invalid-credentials",
        code: "SignatureDoesNotMatch",
        status: 403,
      });
    });
  });

  describe("roles and providers", () => {
    test("a role's trust policy comes back as it was written", async () => {
      const role = fresh("role");
      await cloud.seed({ roles: [{ name: role, trust: trustFor(subject()) }] });
      const { arn, name, trustPolicy, maxSessionSeconds } = await aws.getRole(role);
      expect({ arn, name, maxSessionSeconds }).toEqual({
        arn: roleArn(cloud, role),
        name: role,
        maxSessionSeconds: 3600,
      });
      expect(JSON.parse(trustPolicy)).toEqual(trust());
    });

    test("a role that is not there", async () => {
      expect(await failureOf(aws.getRole("no-such-role"))).toMatchObject({
        failure: "not-found",
        action: "iam:GetRole",
        code: "NoSuchEntity",
        status: 404,
        message: says("The role with name no-such-role cannot be found."),
      });
    });

    test("a role's policies", async () => {
      const role = fresh("role");
      const document = allow(["s3:ListBucket"], "arn:aws:s3:::b");
      await cloud.seed({ roles: [{ name: role, trust: trustFor(subject()), inline: { backups: document } }] });
      expect(await aws.listRolePolicies(role)).toEqual(["backups"]);
      expect(JSON.parse(await aws.getRolePolicy(role, "backups"))).toEqual(document);
      expect((await failureOf(aws.getRolePolicy(role, "other")))["code"]).toBe("NoSuchEntity");
    });

    test("a provider is known by the issuer's URL without scheme", async () => {
      await cloud.seed({ providers: [provider] });
      const bare = cloud.issuer.replace("https://", "");
      const arn = `arn:aws:iam::${cloud.account}:oidc-provider/${bare}`;
      expect(await aws.listOidcProviders()).toContain(arn);
      expect(await aws.getOidcProvider(arn)).toMatchObject({ url: bare, clientIds: ["sts.amazonaws.com"] });
      expect((await failureOf(aws.getOidcProvider(`${arn}X`)))["code"]).toBe("NoSuchEntity");
    });
  });

  describe("a role assumed with a ServiceAccount's token", () => {
    let token: Sensitive;
    beforeAll(async () => {
      await cloud.seed({ providers: [provider] });
      token = await tokenOf(cluster, ns, "default");
    });
    const made = async (of: object, inline?: Readonly<Record<string, object>>): Promise<string> => {
      const role = fresh("role");
      await cloud.seed({ roles: [{ name: role, trust: of, ...(inline === undefined ? {} : { inline }) }] });
      return role;
    };
    const untrusted = (): AnyObject => ({
      action: "sts:AssumeRoleWithWebIdentity",
      ...differences.untrusted,
      message: says("Not authorized to perform sts:AssumeRoleWithWebIdentity"),
    });

    test("that trusts it", async () => {
      const role = await made(trustFor(subject()));
      const { arn, credentials, audience } = await assume(role, token);
      expect(arn).toBe(`arn:aws:sts::${cloud.account}:assumed-role/${role}/antfly-creds-check`);
      expect(audience).toBe("sts.amazonaws.com");
      expect((await aws.callerIdentity(credentials)).arn).toBe(arn);
    });

    test("that trusts another one", async () => {
      const role = await made(trustFor(subject("other")));
      expect(await failureOf(assume(role, token))).toMatchObject(untrusted());
    });

    test("that compares a wildcard as it is written", async () => {
      const role = await made(trustFor(`system:serviceaccount:${ns}:*`));
      expect(await failureOf(assume(role, token))).toMatchObject(untrusted());
    });

    test("that is not there: AWS does not say so", async () => {
      expect(await failureOf(assume("no-such-role", token))).toMatchObject({ action: "sts:AssumeRoleWithWebIdentity" });
    });

    test("with a token for another audience than the provider has", async () => {
      const role = await made(trustFor(subject()));
      const other = await tokenOf(cluster, ns, "default", "vault");
      expect(await failureOf(assume(role, other))).toMatchObject({
        failure: "invalid-credentials",
        code: "InvalidIdentityToken",
        status: 400,
        message: says("Incorrect token audience"),
      });
    });

    test("with a token that somebody else signed", async () => {
      const role = await made(trustFor(subject()));
      const [head, payload, signature = ""] = Buffer.from(token.reveal()).toString().split(".");
      const forged = new Sensitive(`${head}.${payload}.${signature.slice(0, -8)}AAAAAAAA`);
      expect((await failureOf(assume(role, forged)))["code"]).toBe("InvalidIdentityToken");
    });

    test("with an ARN that is none", async () => {
      const request = { token, sessionName: "antfly-creds-check", durationSeconds: 900, policy: undefined };
      const call = aws.assumeRoleWithWebIdentity({ ...request, roleArn: "arn:aws:iam::123456789012:policy/antfly" });
      expect(await failureOf(call)).toMatchObject({ status: 400 });
    });
  });

  describe("a bucket", () => {
    let bucket: string;
    let user: string;
    let credentials: AwsCredentials;

    beforeAll(async () => {
      bucket = fresh("bucket");
      user = fresh("user");
      const inline = {
        list: allow(["s3:ListBucket"], `arn:aws:s3:::${bucket}`, {
          Condition: { StringLike: { "s3:prefix": "team/*" } },
        }),
        objects: allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], `arn:aws:s3:::${bucket}/team/*`),
      };
      await cloud.seed({ users: [{ name: user, inline }], buckets: [{ name: bucket }] });
      credentials = credentialsOf(await cloud.createKey(user));
    });

    test("an object is written, read, listed and removed", async () => {
      const store = storeOn(aws, bucket, credentials);
      const key = `team/${fresh("object")}`;
      await store.put(key, Buffer.from("antfly"));
      expect(Buffer.from(await store.get(key)).toString()).toBe("antfly");
      const found = await store.list("team/", 10);
      expect(found.map((object) => object.key)).toContain(key);
      expect(Date.parse(found[0]?.modifiedAt ?? "")).toBeGreaterThan(Date.now() - 600_000);
      await store.delete(key);
      expect((await store.list("team/", 10)).map((object) => object.key)).not.toContain(key);
    });

    test("an object that is there is not replaced", async () => {
      const store = storeOn(aws, bucket, credentials);
      const key = `team/${fresh("object")}`;
      await store.put(key, Buffer.from("first"));
      expect(await failureOf(store.put(key, Buffer.from("second")))).toMatchObject({
        failure: "exists",
        action: "s3:PutObject",
        code: "PreconditionFailed",
        status: 412,
      });
      expect(Buffer.from(await store.get(key)).toString()).toBe("first");
    });

    test("what is not allowed is denied, and named", async () => {
      const store = storeOn(aws, bucket, credentials);
      expect(await failureOf(store.list("", 1))).toMatchObject({
        failure: "denied",
        action: "s3:ListBucket",
        code: "AccessDenied",
        status: 403,
        message: says(
          `User: arn:aws:iam::${cloud.account}:user/${user} is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::${bucket}" because no identity-based policy allows the s3:ListBucket action`,
        ),
      });
      expect(await failureOf(store.put("other/x", Buffer.from("")))).toMatchObject({
        action: "s3:PutObject",
        code: "AccessDenied",
      });
    });

    test("a key that is missing, for who may not list", async () => {
      const store = storeOn(aws, bucket, credentials);
      expect(await failureOf(store.get("team/missing"))).toMatchObject(differences.missingKeyUnlisted);
    });

    test("a bucket that is missing", async () => {
      const store = storeOn(aws, fresh("nothing"), credentials);
      expect(await failureOf(store.list("", 1))).toMatchObject({
        failure: "not-found",
        code: "NoSuchBucket",
        status: 404,
      });
      expect(await failureOf(store.bucketRegion())).toMatchObject({ failure: "not-found", code: "NoSuchBucket" });
    });

    test("keys that the store does not take", async () => {
      const nobody = credentialsOf({ id: "AKIANOBODYNOBODYNOB1", secret: "n".repeat(40) });
      expect(await failureOf(storeOn(aws, bucket, nobody).list("team/", 1))).toMatchObject({
        failure: "invalid-credentials",
        code: "InvalidAccessKeyId",
        status: 403,
      });
      const id = Buffer.from(credentials.accessKeyId.reveal()).toString();
      const wrong = credentialsOf({ id, secret: "w".repeat(40) });
      expect(await failureOf(storeOn(aws, bucket, wrong).list("team/", 1))).toMatchObject({
        failure: "invalid-credentials",
        code: "SignatureDoesNotMatch",
        status: 403,
      });
    });
  });
}
