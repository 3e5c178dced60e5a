import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { Sensitive } from "../../src/domain/sensitive.ts";
import type { Aws } from "../../src/ports.ts";
import { failureOf, toolOn, type ToolOptions } from "../support/aws-client.ts";
import { startAwsServer, type InProcessCloud } from "../support/aws-server/index.ts";
import { CANARY_ID, CANARY_SECRET } from "../support/canaries.ts";
import { trustFor } from "../support/test-cloud.ts";
import { TokenIssuer } from "../support/kube-server/tokens.ts";

const EVERYTHING = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
const trusting = (name: string): object => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::ACCOUNT:user/${name}` }, Action: "sts:AssumeRole" }],
});

let cloud: InProcessCloud;
let folder: string;
beforeAll(async () => {
  cloud = await startAwsServer({
    providers: [{ issuer: "ISSUER", clientIds: ["sts.amazonaws.com"] }],
    users: [{ name: "dev", keys: [{ id: CANARY_ID, secret: CANARY_SECRET }], inline: { all: EVERYTHING } }],
    roles: [
      { name: "ops", trust: trusting("dev") },
      { name: "closed", trust: trusting("nobody") },
      { name: "pipeline", trust: trustFor("system:serviceaccount:ci:runner") },
    ],
  });
});
afterAll(() => cloud.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "antfly-creds-aws-"));
  return () => rmSync(folder, { recursive: true, force: true });
});

/** The tool with these shared files and no keys in its environment. */
function tool(config: string, options: ToolOptions = {}): Promise<Aws> {
  writeFileSync(join(folder, "config"), config);
  writeFileSync(
    join(folder, "credentials"),
    `[dev]\naws_access_key_id=${CANARY_ID}\naws_secret_access_key=${CANARY_SECRET}\n`,
  );
  const env = {
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_REGION: undefined,
    AWS_CONFIG_FILE: join(folder, "config"),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, "credentials"),
    ...options.env,
  };
  return toolOn(cloud, { ...options, env });
}

function runnerToken(): string {
  const account = { metadata: { namespace: "ci", name: "runner", uid: "1" } };
  const spec = { audiences: ["sts.amazonaws.com"], expirationSeconds: 600 };
  const kind = { group: "", version: "v1", resource: "serviceaccounts", kind: "ServiceAccount" };
  return new TokenIssuer(cloud.issuer).request(account, spec, { ...kind, namespaced: true, subresources: [] }).token;
}

const none = (message: string): object => ({
  failure: "no-credentials",
  action: "sts:GetCallerIdentity",
  code: undefined,
  status: undefined,
  message,
});

test("a profile with keys, and its region", async () => {
  const aws = await tool("[profile dev]\nregion = eu-west-1\n", { profile: "dev" });
  expect(aws.region).toBe("eu-west-1");
  expect((await aws.callerIdentity()).arn).toBe("arn:aws:iam::123456789012:user/dev");
  const chosen = await tool("[profile dev]\nregion = eu-west-1\n", { env: { AWS_PROFILE: "dev" } });
  expect([chosen.region, (await chosen.callerIdentity()).arn]).toEqual([
    "eu-west-1",
    "arn:aws:iam::123456789012:user/dev",
  ]);
});

test("a chosen profile goes before the keys of the environment", async () => {
  const env = { AWS_ACCESS_KEY_ID: "AKIANOBODYNOBODYNOB1", AWS_SECRET_ACCESS_KEY: "n".repeat(40) };
  const aws = await tool("", { profile: "dev", env });
  expect((await aws.callerIdentity()).arn).toBe("arn:aws:iam::123456789012:user/dev");
});

test("a profile that takes on a role", async () => {
  const config =
    "[profile ops]\nrole_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = dev\nrole_session_name = me\n";
  const aws = await tool(config, { profile: "ops" });
  expect((await aws.callerIdentity()).arn).toBe("arn:aws:sts::123456789012:assumed-role/ops/me");
});

test("a role that does not let the profile in", async () => {
  const config = "[profile ops]\nrole_arn = arn:aws:iam::123456789012:role/closed\nsource_profile = dev\n";
  const aws = await tool(config, { profile: "ops" });
  expect(await failureOf(aws.callerIdentity())).toEqual(
    none(
      'no AWS credentials: the role of profile "ops" could not be assumed (AccessDenied); give --profile NAME, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    ),
  );
});

test("a web identity, as in a pipeline", async () => {
  writeFileSync(join(folder, "token"), runnerToken());
  const env = {
    AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/pipeline",
    AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, "token"),
  };
  const aws = await tool("", { env });
  expect((await aws.callerIdentity()).arn).toMatch(/:assumed-role\/pipeline\//);
  const other = await tool("", { env: { ...env, AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/ops" } });
  expect((await failureOf(other.callerIdentity()))["message"]).toContain(
    "the role in AWS_ROLE_ARN could not be assumed with the web identity (AccessDenied)",
  );
  const gone = await tool("", { env: { ...env, AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, "nothing") } });
  expect((await failureOf(gone.callerIdentity()))["message"]).toContain(
    "the file that AWS_WEB_IDENTITY_TOKEN_FILE names is not there",
  );
});

test("nothing anywhere: what was tried, and what to do", async () => {
  const aws = await tool("");
  expect(await failureOf(aws.callerIdentity())).toEqual(
    none(
      'no AWS credentials: AWS_ACCESS_KEY_ID is not set, there is no AWS profile "default", there is no web identity, there is no container endpoint and EC2\'s metadata is asked only with AWS_EC2_METADATA_DISABLED=false; give --profile NAME, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    ),
  );
  expect(aws.calls()).toBe(0);
});

test("half a key in the environment", async () => {
  const aws = await tool("", { env: { AWS_ACCESS_KEY_ID: CANARY_ID } });
  expect((await failureOf(aws.callerIdentity()))["message"]).toContain(
    "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY",
  );
});

test.each<[string, string, string]>([
  [
    "a name that is not there",
    "",
    'no AWS credentials: there is no AWS profile "prdo"; aws configure list-profiles shows what there is',
  ],
  [
    "a slip of the finger",
    "[profile prod]\nregion = x\n",
    'no AWS credentials: there is no AWS profile "prdo"; did you mean prod?',
  ],
  [
    "an SSO session that ran out",
    "[profile prdo]\nsso_session = acme\nsso_account_id = 123456789012\nsso_role_name = dev\n[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n",
    'no AWS credentials: the SSO session of profile "prdo" has run out or was never begun; run aws sso login --profile prdo',
  ],
  [
    "an MFA code",
    "[profile prdo]\nrole_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = dev\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n",
    'no AWS credentials: profile "prdo" takes a role with an MFA code, which is not asked for here; eval "$(aws configure export-credentials --profile prdo --format env)" asks for it',
  ],
  [
    "a process that fails",
    "[profile prdo]\ncredential_process = /bin/false\n",
    'no AWS credentials: the credential_process of profile "prdo" failed or printed no credentials; give --profile NAME, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  ],
  [
    "a profile without any",
    "[profile prdo]\nregion = eu-west-1\n",
    'no AWS credentials: profile "prdo" holds neither keys nor a way to get them; give --profile NAME, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  ],
])("a profile that gives none: %s", async (_, config, message) => {
  const aws = await tool(config, {
    profile: "prdo",
    env: { AWS_ACCESS_KEY_ID: CANARY_ID, AWS_SECRET_ACCESS_KEY: CANARY_SECRET },
  });
  expect(await failureOf(aws.callerIdentity())).toEqual(none(message));
});

test("a web identity is exchanged without credentials of one's own", async () => {
  const aws = await tool("");
  expect(aws.calls()).toBe(0);
  const token = new Sensitive(runnerToken());
  const roleArn = "arn:aws:iam::123456789012:role/pipeline";
  const { arn } = await aws.assumeRoleWithWebIdentity({
    roleArn,
    token,
    sessionName: "s1",
    durationSeconds: 900,
    policy: undefined,
  });
  expect(arn).toBe("arn:aws:sts::123456789012:assumed-role/pipeline/s1");
});
