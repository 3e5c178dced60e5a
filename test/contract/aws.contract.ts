import { randomUUID } from "node:crypto";

import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  IAMClient,
  UpdateAccessKeyCommand,
  type CreateAccessKeyCommandOutput,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Sensitive } from "../../src/domain/sensitive.ts";
import type { Aws, AwsCredentials, AwsError } from "../../src/ports.ts";
import { credentialsOf, failureOf, storeOn, tokenOf, toolOn } from "../support/aws-client.ts";
import type { AnyObject } from "../support/follow.ts";
import { filledIn, roleArn, trustFor, type TestCloud } from "../support/test-cloud.ts";
import { TRUST_TABLE } from "./trust-table.ts";
import { freshNamespace, type TestCluster } from "../support/test-cluster.ts";

/** A cloud and the cluster whose tokens it verifies. */
export interface AwsBed {
  readonly cloud: TestCloud;
  readonly cluster: TestCluster;
}

/** How a call is refused. */
export interface RefusedWith {
  readonly code: string;
  readonly status: number;
}

/** Where the real servers of the test-bed are known to answer otherwise than AWS does. */
export interface AwsDifferences {
  /** A condition of the trust policy that does not hold. */
  readonly untrusted: RefusedWith;
  /** Rows of the table of trust policies that are decided the other way. */
  readonly trust: readonly string[];
  /** The ARN of something that is no role. */
  readonly noRoleArn: RefusedWith;
  /** A key that is missing, asked for by who may not list. */
  readonly missingKeyUnlisted: RefusedWith;
  /** How managed policies are refused, where there are none. */
  readonly managedPolicies: RefusedWith | "there";
  /** How `pods.eks.amazonaws.com` is refused as a principal. */
  readonly podPrincipal: RefusedWith | "taken";
  /** Encryption of a bucket that nobody set any for, or how the question is refused. */
  readonly encryption: { readonly algorithm: string; readonly key: undefined } | RefusedWith;
  /** The texts are AWS's own. */
  readonly words: boolean;
}

export const LIKE_AWS: AwsDifferences = {
  untrusted: { code: "AccessDenied", status: 403 },
  trust: [],
  noRoleArn: { code: "ValidationError", status: 400 },
  missingKeyUnlisted: { code: "AccessDenied", status: 403 },
  managedPolicies: "there",
  podPrincipal: "taken",
  encryption: { algorithm: "AES256", key: undefined },
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

    test("a key that was deactivated", async () => {
      const user = fresh("user");
      await cloud.seed({ users: [{ name: user }] });
      const key = await cloud.createKey(user);
      await cloud.deactivateKey(user, key.id);
      expect(await failureOf(aws.callerIdentity(credentialsOf(key)))).toMatchObject({
        failure: "invalid-credentials",
        code: "InvalidClientTokenId",
        status: 403,
      });
      expect(await aws.listAccessKeys(user)).toMatchObject([{ id: key.id, status: "Inactive" }]);
    });

    test("whose key it is", async () => {
      const user = fresh("user");
      await cloud.seed({ users: [{ name: user }] });
      const { id } = await cloud.createKey(user);
      expect((await aws.accessKeyUser(new Sensitive(id))).user).toBe(user);
      const [key] = await aws.listAccessKeys(user);
      expect(key).toMatchObject({ id, status: "Active" });
      expect(Math.abs(Date.parse(key?.createdAt ?? "") - Date.now())).toBeLessThan(600_000);
      expect(await failureOf(aws.listAccessKeys("no-such-user"))).toMatchObject({
        failure: "not-found",
        action: "iam:ListAccessKeys",
        code: "NoSuchEntity",
      });
    });

    test("a user has two keys at most", async () => {
      const UserName = fresh("user");
      await cloud.seed({ users: [{ name: UserName }] });
      const {
        AWS_ENDPOINT_URL_IAM: endpoint = "",
        AWS_ACCESS_KEY_ID: id = "",
        AWS_SECRET_ACCESS_KEY: secret = "",
      } = cloud.env;
      const credentials = { accessKeyId: id, secretAccessKey: secret };
      const iam = new IAMClient({ region: "us-east-1", endpoint, credentials });
      const create = (): Promise<CreateAccessKeyCommandOutput> => iam.send(new CreateAccessKeyCommand({ UserName }));
      const AccessKeyId = (await create()).AccessKey?.AccessKeyId ?? "";
      await create();
      await expect(create()).rejects.toMatchObject({ Code: "LimitExceeded", $metadata: { httpStatusCode: 409 } });
      await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: "Inactive" }));
      expect((await aws.listAccessKeys(UserName)).map(({ status }) => status).toSorted()).toEqual([
        "Active",
        "Inactive",
      ]);
      await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
      expect((await aws.listAccessKeys(UserName)).map(({ status }) => status)).toEqual(["Active"]);
      iam.destroy();
    });

    test("what one may not do is denied, and named", async () => {
      await cloud.seed({ denied: ["iam:GetRole"], roles: [{ name: "antfly", trust: trustFor(subject()) }] });
      const restricted = await toolOn(cloud);
      expect(await failureOf(restricted.getRole("antfly"))).toMatchObject({
        failure: "denied",
        action: "iam:GetRole",
        code: "AccessDenied",
        status: 403,
        message: expect.stringMatching(/is not authorized to perform: iam:GetRole /),
      });
      expect(await restricted.listRolePolicies("antfly")).toEqual([]);
      await cloud.seed({ denied: [] });
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

    test("a user's policies", async () => {
      const user = fresh("user");
      const document = allow(["s3:ListBucket"], "arn:aws:s3:::b");
      await cloud.seed({ users: [{ name: user, inline: { backups: document } }] });
      expect(await aws.listUserPolicies(user)).toEqual(["backups"]);
      expect(JSON.parse(await aws.getUserPolicy(user, "backups"))).toEqual(document);
      expect((await failureOf(aws.getUserPolicy(user, "other")))["code"]).toBe("NoSuchEntity");
      expect((await failureOf(aws.listUserPolicies("no-such-user")))["code"]).toBe("NoSuchEntity");
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

  describe("what is written to IAM", () => {
    test("a role, its trust policy and an inline policy", async () => {
      const name = fresh("role");
      const tags = { "antfly-creds": "yes" };
      const made = await aws.createRole({
        name,
        path: "/",
        trustPolicy: JSON.stringify(trust()),
        description: "Backups of search",
        tags,
      });
      expect(made).toMatchObject({ arn: roleArn(cloud, name), name, tags });
      expect(JSON.parse(made.trustPolicy)).toEqual(trust());

      await aws.updateTrustPolicy(name, JSON.stringify(trust(subject("other"))));
      expect(JSON.parse((await aws.getRole(name)).trustPolicy)).toEqual(trust(subject("other")));

      const policy = allow(["s3:GetObject"], "arn:aws:s3:::b/*");
      await aws.putRolePolicy(name, "backups", JSON.stringify(policy));
      expect(JSON.parse(await aws.getRolePolicy(name, "backups"))).toEqual(policy);
      expect(await failureOf(aws.deleteRole(name))).toMatchObject({
        failure: "invalid",
        code: "DeleteConflict",
        status: 409,
        message: says("Cannot delete entity, must delete policies first."),
      });
      await aws.deleteRolePolicy(name, "backups");
      await aws.deleteRole(name);
      expect((await failureOf(aws.getRole(name)))["code"]).toBe("NoSuchEntity");
    });

    test("a role that is there already", async () => {
      const name = fresh("role");
      const role = { name, path: "/", trustPolicy: JSON.stringify(trust()), description: "", tags: {} };
      await aws.createRole(role);
      expect(await failureOf(aws.createRole(role))).toMatchObject({
        failure: "exists",
        action: "iam:CreateRole",
        code: "EntityAlreadyExists",
        status: 409,
        message: says(`Role with name ${name} already exists.`),
      });
    });

    test("trust policies that IAM does not take", async () => {
      const name = fresh("role");
      await cloud.seed({ roles: [{ name, trust: trustFor(subject()) }] });
      const [statement] = (trust() as { Statement: AnyObject[] }).Statement;
      const broken = (change: object): string =>
        JSON.stringify({ Version: "2012-10-17", Statement: [{ ...statement, ...change }] });
      for (const document of [
        "{",
        broken({ Resource: "*" }),
        broken({ Effect: "Alow" }),
        broken({ Principal: undefined }),
      ]) {
        expect(await failureOf(aws.updateTrustPolicy(name, document))).toMatchObject({
          failure: "invalid",
          action: "iam:UpdateAssumeRolePolicy",
          code: "MalformedPolicyDocument",
          status: 400,
        });
      }
      expect(JSON.parse((await aws.getRole(name)).trustPolicy)).toEqual(trust());
    });

    test("a trust policy that is too long", async () => {
      const name = fresh("role");
      await cloud.seed({ roles: [{ name, trust: trustFor(subject()) }] });
      const [statement] = (trust() as { Statement: AnyObject[] }).Statement;
      const document = JSON.stringify({ Version: "2012-10-17", Statement: Array(8).fill(statement) });
      expect(await failureOf(aws.updateTrustPolicy(name, document))).toMatchObject({
        failure: "limit",
        code: "LimitExceeded",
        status: 409,
        message: says("Cannot exceed quota for ACLSizePerRole: 2048"),
      });
    });

    test("a provider and its audiences", async () => {
      const url = `https://oidc.eks.us-east-1.amazonaws.com/id/${randomUUID().replaceAll("-", "").toUpperCase()}`;
      const tags = { "antfly-creds": "yes" };
      const arn = await aws.createOidcProvider(url, ["sts.amazonaws.com"], tags);
      expect(arn).toBe(`arn:aws:iam::${cloud.account}:oidc-provider/${url.replace("https://", "")}`);
      expect(await failureOf(aws.createOidcProvider(url, ["sts.amazonaws.com"], {}))).toMatchObject({
        failure: "exists",
        code: "EntityAlreadyExists",
        message: says(`Provider with url ${url} already exists.`),
      });
      await aws.addClientId(arn, "vault");
      expect((await aws.getOidcProvider(arn)).clientIds.toSorted()).toEqual(["sts.amazonaws.com", "vault"]);
      await aws.removeClientId(arn, "vault");
      expect(await aws.getOidcProvider(arn)).toMatchObject({ clientIds: ["sts.amazonaws.com"], tags });
      await aws.deleteOidcProvider(arn);
      expect((await failureOf(aws.getOidcProvider(arn)))["code"]).toBe("NoSuchEntity");
    });

    test("a role that pods take on by Pod Identity", async () => {
      const name = fresh("role");
      const Principal = { Service: "pods.eks.amazonaws.com" };
      const Statement = [{ Effect: "Allow", Principal, Action: ["sts:AssumeRole", "sts:TagSession"] }];
      const trustPolicy = JSON.stringify({ Version: "2012-10-17", Statement });
      const made = aws.createRole({ name, path: "/antfly/", trustPolicy, description: "", tags: {} });
      if (differences.podPrincipal !== "taken") {
        expect(await failureOf(made)).toMatchObject(differences.podPrincipal);
        return;
      }
      await made;
      expect(await aws.getRole(name)).toMatchObject({ arn: roleArn(cloud, `antfly/${name}`), trustPolicy });
    });

    test("managed policies of a role", async () => {
      const name = fresh("role");
      const policy = fresh("policy");
      const document = allow(["s3:*"], "*");
      const arn = `arn:aws:iam::${cloud.account}:policy/${policy}`;
      if (differences.managedPolicies !== "there") {
        await cloud.seed({ roles: [{ name, trust: trustFor(subject()) }] });
        expect(await failureOf(aws.listAttachedRolePolicies(name))).toMatchObject(differences.managedPolicies);
        expect(await failureOf(aws.getManagedPolicy(arn))).toMatchObject(differences.managedPolicies);
        return;
      }
      await cloud.seed({
        policies: [{ name: policy, document }],
        roles: [{ name, trust: trustFor(subject()), attached: [arn], boundary: arn }],
      });
      expect(await aws.listAttachedRolePolicies(name)).toEqual([{ name: policy, arn }]);
      expect(JSON.parse(await aws.getManagedPolicy(arn))).toEqual(document);
      expect((await aws.getRole(name)).boundary).toBe(arn);
      expect((await failureOf(aws.getManagedPolicy(`${arn}x`)))["code"]).toBe("NoSuchEntity");
    });
  });

  describe("managed policies of a user", () => {
    test("are listed by name and ARN", async () => {
      const name = fresh("user");
      const attached = ["arn:aws:iam::aws:policy/AmazonS3FullAccess"];
      if (differences.managedPolicies !== "there") {
        await cloud.seed({ users: [{ name }] });
        expect(await failureOf(aws.listAttachedUserPolicies(name))).toMatchObject(differences.managedPolicies);
        return;
      }
      await cloud.seed({ users: [{ name, attached }] });
      expect(await aws.listAttachedUserPolicies(name)).toEqual([{ name: "AmazonS3FullAccess", arn: attached[0] }]);
      expect((await failureOf(aws.listAttachedUserPolicies("no-such-user")))["code"]).toBe("NoSuchEntity");
    });
  });

  describe("EKS", () => {
    test("a cluster and its issuer", async () => {
      const name = fresh("cluster");
      await cloud.seed({ clusters: [{ name, issuer: "ISSUER", addOns: { "eks-pod-identity-agent": "ACTIVE" } }] });
      expect(await aws.listClusters()).toContain(name);
      expect(await aws.describeCluster(name)).toMatchObject({
        name,
        arn: `arn:aws:eks:us-east-1:${cloud.account}:cluster/${name}`,
        issuer: cloud.issuer,
        autoMode: false,
        encryptionKey: undefined,
      });
      expect(await aws.describeAddOn(name, "eks-pod-identity-agent")).toEqual({ status: "ACTIVE" });
    });

    test("the key that was chosen for its Secrets", async () => {
      const name = fresh("cluster");
      const encryptionKey = `arn:aws:kms:us-east-1:${cloud.account}:key/0a1b2c3d`;
      await cloud.seed({ clusters: [{ name, encryptionKey }] });
      expect(await aws.describeCluster(name)).toMatchObject({ name, encryptionKey });
    });

    test("what is not there", async () => {
      const name = fresh("cluster");
      await cloud.seed({ clusters: [{ name }] });
      for (const [call, action] of [
        [aws.describeCluster("no-such-cluster"), "eks:DescribeCluster"],
        [aws.describeAddOn(name, "eks-pod-identity-agent"), "eks:DescribeAddon"],
        [aws.describePodIdentityAssociation(name, "a-nothing0000000000"), "eks:DescribePodIdentityAssociation"],
      ] as const) {
        expect(await failureOf(call)).toMatchObject({
          failure: "not-found",
          action,
          code: "ResourceNotFoundException",
          status: 404,
        });
      }
    });

    test("a Pod Identity association", async () => {
      const name = fresh("cluster");
      await cloud.seed({ clusters: [{ name }] });
      const association = {
        cluster: name,
        namespace: "prod",
        serviceAccount: "antfly",
        roleArn: roleArn(cloud, "antfly"),
        tags: { "antfly-creds": "yes" },
        requestToken: randomUUID(),
      };
      const { id, arn } = await aws.createPodIdentityAssociation(association);
      expect(arn).toBe(`arn:aws:eks:us-east-1:${cloud.account}:podidentityassociation/${name}/${id}`);
      expect(
        await failureOf(aws.createPodIdentityAssociation({ ...association, requestToken: randomUUID() })),
      ).toMatchObject({ failure: "exists", code: "ResourceInUseException", status: 409 });
      expect(await aws.listPodIdentityAssociations(name, "prod")).toEqual([
        { id, namespace: "prod", serviceAccount: "antfly" },
      ]);
      expect(await aws.listPodIdentityAssociations(name, "other")).toEqual([]);
      const described = await aws.describePodIdentityAssociation(name, id);
      expect(described).toMatchObject({
        id,
        namespace: "prod",
        serviceAccount: "antfly",
        roleArn: roleArn(cloud, "antfly"),
        sessionTagsDisabled: false,
      });
      expect(Math.abs(Date.parse(described.createdAt ?? "") - Date.now())).toBeLessThan(600_000);
      await aws.deletePodIdentityAssociation(name, id);
      expect(await aws.listPodIdentityAssociations(name, undefined)).toEqual([]);
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

    test.each(TRUST_TABLE)("judged: $name", async ({ name, allowed, statements }) => {
      const document = JSON.stringify({ Version: "2012-10-17", Statement: statements })
        .replaceAll('"SUB"', JSON.stringify(subject()))
        .replaceAll(":NS:", `:${ns}:`);
      const decided = made(JSON.parse(document) as object)
        .then((role) => assume(role, token))
        .then(
          () => true,
          ({ code }: AwsError) => {
            if (!differences.trust.includes(name)) expect(["AccessDenied", differences.untrusted.code]).toContain(code);
            return false;
          },
        );
      expect(await decided).toBe(differences.trust.includes(name) ? !allowed : allowed);
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
      expect(await failureOf(call)).toMatchObject(differences.noRoleArn);
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

    test("names that have to be encoded", async () => {
      const store = storeOn(aws, bucket, credentials);
      for (const name of ["a b", "a+b", "a=b&c", "ü", "a'(b)*!", "%41", "~a/b"]) {
        const key = `team/${fresh("object")}/${name}`;
        await store.put(key, Buffer.from(name));
        expect(Buffer.from(await store.get(key)).toString()).toBe(name);
        expect((await store.list(key, 2)).map((object) => object.key)).toEqual([key]);
        await store.delete(key);
      }
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

    test("its region, versions, lock and encryption", async () => {
      const name = fresh("settings");
      await cloud.seed({ buckets: [{ name, versioning: "Enabled", objectLock: true }, { name: `${name}-plain` }] });
      const inline = { read: allow(["s3:*"], "*") };
      const reader = fresh("user");
      await cloud.seed({ users: [{ name: reader, inline }] });
      const key = credentialsOf(await cloud.createKey(reader));
      const store = storeOn(aws, name, key);
      expect(await store.bucketRegion()).toBe("us-east-1");
      expect([await store.versioning(), await store.objectLock()]).toEqual(["Enabled", true]);
      const plain = storeOn(aws, `${name}-plain`, key);
      expect([await plain.versioning(), await plain.objectLock()]).toEqual(["off", false]);
      if ("code" in differences.encryption)
        expect(await failureOf(plain.encryption())).toMatchObject(differences.encryption);
      else expect(await plain.encryption()).toEqual(differences.encryption);
      expect(await failureOf(storeOn(aws, name, credentials).versioning())).toMatchObject({
        failure: "denied",
        action: "s3:GetBucketVersioning",
      });
    });

    test("of one that keeps versions, a version is removed by its id", async () => {
      const name = fresh("versions");
      const writer = fresh("user");
      const inline = { all: allow(["s3:*"], "*") };
      await cloud.seed({ buckets: [{ name, versioning: "Enabled" }], users: [{ name: writer, inline }] });
      const store = storeOn(aws, name, credentialsOf(await cloud.createKey(writer)));
      const { versionId } = await store.put("a", Buffer.from("1"));
      expect(versionId).toEqual(expect.any(String));
      await store.delete("a", versionId);
      expect(await store.list("", 10)).toEqual([]);
      // Nothing is left that could be in the way.
      expect((await store.put("a", Buffer.from("2"))).versionId).not.toBe(versionId);
    });

    test("a Deny of the bucket's own policy wins", async () => {
      const name = fresh("denying");
      const owner = fresh("user");
      const Principal = { AWS: `arn:aws:iam::ACCOUNT:user/${owner}` };
      const policy = {
        Version: "2012-10-17",
        Statement: [{ Effect: "Deny", Principal, Action: "s3:PutObject", Resource: `arn:aws:s3:::${name}/*` }],
      };
      await cloud.seed({ users: [{ name: owner, inline: { all: allow(["s3:*"], "*") } }] });
      await cloud.seed({ buckets: [{ name, policy }] });
      const store = storeOn(aws, name, credentialsOf(await cloud.createKey(owner)));
      expect(await store.list("", 1)).toEqual([]);
      expect(await failureOf(store.put("x", Buffer.from("")))).toMatchObject({
        failure: "denied",
        code: "AccessDenied",
        message: differences.words
          ? expect.stringContaining("with an explicit deny in a resource-based policy")
          : expect.any(String),
      });
    });

    test("a session is held to its own policy as well as to the role's", async () => {
      const role = fresh("role");
      const objects = `arn:aws:s3:::${bucket}/team/*`;
      await cloud.seed({
        providers: [provider],
        roles: [{ name: role, trust: trustFor(subject()), inline: { all: allow(["s3:*"], ["*"]) } }],
      });
      const token = await tokenOf(cluster, ns, "default");
      const session = await assume(role, token, allow(["s3:PutObject", "s3:DeleteObject"], objects));
      const store = storeOn(aws, bucket, session.credentials);
      const key = `team/${fresh("object")}`;
      await store.put(key, Buffer.from("1"));
      expect(await failureOf(store.list("team/", 1))).toMatchObject({ failure: "denied", code: "AccessDenied" });
      expect(await failureOf(store.put("other/x", Buffer.from("1")))).toMatchObject({ code: "AccessDenied" });
      await store.delete(key);
    });
  });
}
