import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { Redactor } from "../../src/domain/redact.ts";
import { googleFailure, googleOn } from "../support/google-client.ts";
import { startGoogleServer, type InProcessGoogle } from "../support/google-server/index.ts";

const ACTION = "resourcemanager.projects.get";
const LOG_IN = "gcloud auth application-default login";

let cloud: InProcessGoogle;
let home: string;
/** What Node would print on standard error. */
const warnings: string[] = [];
const onWarning = ({ name, message }: Error): void => void warnings.push(`${name}: ${message}`);
beforeAll(async () => {
  cloud = await startGoogleServer({}, { machine: "node" });
  process.on("warning", onWarning);
});
afterAll(() => {
  process.off("warning", onWarning);
  return cloud.stop();
});
beforeEach(() => {
  cloud.reset();
  warnings.length = 0;
  home = mkdtempSync(join(tmpdir(), "antfly-creds-adc-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

/** The endpoints of the cloud, without its credentials. */
function bare(): Record<string, string> {
  const { GOOGLE_APPLICATION_CREDENTIALS: _, METADATA_SERVER_DETECTION: __, ...env } = cloud.env;
  return { ...env, HOME: home };
}

function write(file: string, content: string): string {
  const path = join(home, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

describe("where credentials are found", () => {
  test("in the file that GOOGLE_APPLICATION_CREDENTIALS names; the token is known as a secret", async () => {
    const redactor = new Redactor();
    const google = await googleOn(cloud, { redactor });
    expect(await google.getProject("acme-prod")).toEqual({ id: "acme-prod", number: "123456789012" });
    expect(cloud.calls.map(({ operation }) => operation)).toEqual(["sts.token", "cloudresourcemanager.projects.get"]);
    await google.getProject("acme-prod");
    expect([cloud.calls.length, google.calls()]).toEqual([3, 2]);
    google.close();
  });

  test.each<[string, (home: string) => Record<string, string>]>([
    ["below HOME", () => ({})],
    ["in CLOUDSDK_CONFIG", (folder) => ({ CLOUDSDK_CONFIG: join(folder, ".config", "gcloud"), HOME: "/nonexistent" })],
  ])("in the file that gcloud writes, %s", async (_, more) => {
    const { GOOGLE_APPLICATION_CREDENTIALS: file = "" } = cloud.env;
    write(".config/gcloud/application_default_credentials.json", readFileSync(file, "utf8"));
    const google = await googleOn({ env: { ...bare(), ...more(home) } });
    expect((await google.getProject("acme-prod")).id).toBe("acme-prod");
    google.close();
  });

  test("at the metadata server, where GCE_METADATA_HOST says that there is one", async () => {
    vi.stubEnv("GCE_METADATA_HOST", cloud.machineEnv["GCE_METADATA_HOST"]);
    await cloud.seed({
      projects: [
        {
          id: "acme-prod",
          bindings: [{ role: "roles/viewer", members: ["serviceAccount:node@acme-prod.iam.gserviceaccount.com"] }],
        },
      ],
      accounts: [{ id: "node" }],
    });
    const google = await googleOn({ env: { ...cloud.machineEnv, HOME: home } });
    expect((await google.getProject("acme-prod")).id).toBe("acme-prod");
    expect(await google.project()).toBe("acme-prod");
    expect(warnings).toEqual([]);
    google.close();
  });
});

describe("where there are none", () => {
  test("it is said what was tried, and nothing is sent", async () => {
    const google = await googleOn({ env: bare() });
    expect(await googleFailure(google.getProject("acme-prod"))).toMatchObject({
      failure: "no-credentials",
      action: ACTION,
      message: `no Google credentials: GOOGLE_APPLICATION_CREDENTIALS is not set, ${home}/.config/gcloud/application_default_credentials.json is not there, and this is no machine of Google's; ${LOG_IN} gives you some`,
    });
    await googleFailure(google.getProject("acme-prod"));
    expect([google.calls(), cloud.calls, warnings]).toEqual([0, [], []]);
    google.close();
  });

  test("in a pod as well, where what answers for the machine is not Google", async () => {
    const google = await googleOn({ env: { ...bare(), KUBERNETES_SERVICE_HOST: "10.0.0.1" } });
    expect((await googleFailure(google.getProject("acme-prod")))["failure"]).toBe("no-credentials");
    expect(warnings).toEqual([]);
    google.close();
  });

  test.each<[string, string | undefined, string]>([
    ["a file that is not there", undefined, "the file that GOOGLE_APPLICATION_CREDENTIALS names is not there"],
    [
      "no JSON",
      "{",
      "the file that GOOGLE_APPLICATION_CREDENTIALS names holds no credentials that Google's library knows",
    ],
    [
      "JSON of something else",
      '{"type": "service_account"}',
      "the file that GOOGLE_APPLICATION_CREDENTIALS names holds no credentials that Google's library knows",
    ],
  ])("%s", async (_, content, why) => {
    const file = content === undefined ? join(home, "none.json") : write("adc.json", content);
    const google = await googleOn({ env: { ...bare(), GOOGLE_APPLICATION_CREDENTIALS: file } });
    expect(await googleFailure(google.getProject("acme-prod"))).toMatchObject({
      failure: "no-credentials",
      message: `no Google credentials: ${why}; ${LOG_IN} writes new ones`,
    });
    google.close();
  });

  test("what Google gives no token for is told apart, by its code", async () => {
    const google = await googleOn(cloud);
    cloud.fail({ match: "sts.token", how: { status: 400, code: "invalid_grant", message: "The token has expired." } });
    expect(await googleFailure(google.getProject("acme-prod"))).toMatchObject({
      failure: "invalid-credentials",
      action: ACTION,
      message: expect.stringMatching(
        /^Google gives your credentials no token \(invalid_grant\): they have run out, were revoked, or are not known;/,
      ),
    });
    expect(google.calls()).toBe(0);
    google.close();
  });

  test("an answer without a token gives none", async () => {
    cloud.fail({ match: "sts.token", how: { body: "{}" } });
    const google = await googleOn(cloud);
    expect(await googleFailure(google.getProject("acme-prod"))).toMatchObject({ failure: "invalid-credentials" });
    expect(google.calls()).toBe(0);
    google.close();
  });

  test("a token service that cannot be reached is not taken for a refusal", async () => {
    cloud.fail({ match: "sts.token", how: "reset" });
    const google = await googleOn(cloud, { timeoutMs: 5_000 });
    expect(await googleFailure(google.getProject("acme-prod"))).toMatchObject({ failure: "unreachable" });
    google.close();
  });

  test("nor one that does not answer", async () => {
    cloud.fail({ match: "sts.token", how: "hang" });
    const google = await googleOn(cloud, { timeoutMs: 300 });
    expect(await googleFailure(google.getProject("acme-prod"))).toMatchObject({
      failure: "timeout",
      message: expect.stringMatching(/ did not answer within 0\.3 s$/),
    });
    google.close();
  });
});

describe("the project", () => {
  test.each<[Record<string, string>, string | undefined]>([
    [{ GOOGLE_CLOUD_PROJECT: "acme-a", CLOUDSDK_CORE_PROJECT: "acme-b" }, "acme-a"],
    [{ CLOUDSDK_CORE_PROJECT: "acme-b" }, "acme-b"],
    [{}, undefined],
  ])("%j: %s", async (named, project) => {
    const { GOOGLE_CLOUD_PROJECT: _, ...env } = bare();
    const google = await googleOn({ env: { ...env, ...named } });
    expect(await google.project()).toBe(project);
    expect(cloud.calls).toEqual([]);
    google.close();
  });

  test("is the quota project of the credentials, where the environment names none", async () => {
    const own = JSON.parse(readFileSync(cloud.env["GOOGLE_APPLICATION_CREDENTIALS"] ?? "", "utf8")) as object;
    const file = write("adc.json", JSON.stringify({ ...own, quota_project_id: "acme-quota" }));
    const { GOOGLE_CLOUD_PROJECT: _, ...env } = bare();
    const google = await googleOn({ env: { ...env, GOOGLE_APPLICATION_CREDENTIALS: file } });
    expect(await google.project()).toBe("acme-quota");
    google.close();
  });
});
