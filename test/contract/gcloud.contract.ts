import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";

import { startGoogleServer, type InProcessGoogle } from "../support/google-server/index.ts";
import type { GoogleSeed } from "../support/test-google.ts";

interface Run {
  readonly code: number;
  readonly out: unknown;
  readonly text: string;
  readonly err: string;
}

const EMAIL = "antfly@acme-prod.iam.gserviceaccount.com";
const MEMBER = "serviceAccount:acme-prod.svc.id.goog[production/antfly]";
const KEY = `GOOG1E${"A".repeat(55)}`;
const WORKLOAD_USER = "roles/iam.workloadIdentityUser";
const UNTIL = { title: "until", expression: 'request.time < timestamp("2090-01-01T00:00:00Z")' };
const PLACE = "--location europe-west1 --project acme-prod";

const SEED: GoogleSeed = {
  projects: [{ id: "acme-prod", services: { "iamcredentials.googleapis.com": "DISABLED" } }],
  clusters: [{ nodePools: { "default-pool": "" } }, { name: "plain", workloadPool: false }],
  accounts: [{ id: "antfly", bindings: [{ role: WORKLOAD_USER, members: [MEMBER] }] }],
  buckets: [
    { name: "acme", bindings: [{ role: "roles/storage.objectUser", members: [`serviceAccount:${EMAIL}`] }] },
    {
      name: "bound",
      bindings: [{ role: "roles/storage.objectViewer", members: ["user:a@acme.com"], condition: UNTIL }],
    },
  ],
  hmacKeys: [{ id: KEY, secret: "s".repeat(40), account: EMAIL }],
};

/** What messages and scripts of the tool use of gcloud, run by the program in this folder against the in-process Google. */
export function gcloudContract(install: (folder: string) => string): void {
  let google: InProcessGoogle;
  let home: string;
  let path: string;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "antfly-creds-gcloud-"));
    path = install(join(home, "bin"));
    google = await startGoogleServer();
  });
  beforeEach(() => google.reset(SEED));
  afterAll(async () => {
    await google.stop();
    rmSync(home, { recursive: true, force: true });
  });

  function gcloud(line: string, env: Readonly<Record<string, string>> = google.env): Promise<Run> {
    return new Promise((resolve) => {
      const child = execFile(
        "sh",
        ["-c", `gcloud ${line}`],
        {
          encoding: "utf8",
          env: {
            PATH: `${path}:${process.env["PATH"] ?? ""}`,
            HOME: home,
            CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
            CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "true",
            CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "true",
            ...env,
          },
        },
        (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, out: read(stdout), text: stdout, err: stderr }),
      );
    });
  }
  const policyOf = (email: string): unknown => google.state.accounts.get(email)?.policy.bindings;
  const bucketPolicy = (name: string): unknown => google.state.buckets.get(name)?.policy.bindings;

  describe("service accounts", () => {
    test("create, and again", async () => {
      const line =
        'iam service-accounts create backup --project acme-prod --display-name "Antfly backups" --description d';
      expect(await gcloud(line)).toMatchObject({ code: 0, err: "Created service account [backup].\n" });
      expect(google.state.accounts.get("backup@acme-prod.iam.gserviceaccount.com")).toMatchObject({
        displayName: "Antfly backups",
        description: "d",
      });
      expect(await gcloud(line)).toMatchObject({
        code: 1,
        err: expect.stringContaining("Service account backup already exists within project projects/acme-prod."),
      });
    });

    test("describe, and one that is not there", async () => {
      expect(await gcloud(`iam service-accounts describe ${EMAIL} --project=acme-prod`)).toMatchObject({
        code: 0,
        out: [{ email: EMAIL, projectId: "acme-prod" }],
      });
      const none = "none@acme-prod.iam.gserviceaccount.com";
      expect(await gcloud(`iam service-accounts describe ${none} --project=acme-prod`)).toMatchObject({
        code: 1,
        err: expect.stringContaining("NOT_FOUND: Unknown service account"),
      });
    });

    test("enable, and delete", async () => {
      await google.seed({ accounts: [{ id: "antfly", disabled: true }] });
      expect((await gcloud(`iam service-accounts enable ${EMAIL} --project acme-prod`)).code).toBe(0);
      expect(google.state.accounts.get(EMAIL)?.disabled).toBe(false);
      expect((await gcloud(`iam service-accounts delete ${EMAIL} --project acme-prod --quiet`)).code).toBe(0);
      expect(google.state.accounts.has(EMAIL)).toBe(false);
    });

    test("a member is added once, and removed once", async () => {
      const other = MEMBER.replace("antfly]", "other]");
      const rest = `${EMAIL} --project acme-prod --role ${WORKLOAD_USER} --member "${other}" --condition=None`;
      for (const _ of [1, 2])
        expect(await gcloud(`iam service-accounts add-iam-policy-binding ${rest}`)).toMatchObject({
          code: 0,
          out: [{ bindings: [{ role: WORKLOAD_USER, members: [MEMBER, other] }] }],
        });
      expect((await gcloud(`iam service-accounts remove-iam-policy-binding ${rest}`)).code).toBe(0);
      expect(policyOf(EMAIL)).toEqual([{ role: WORKLOAD_USER, members: [MEMBER] }]);
      expect(await gcloud(`iam service-accounts remove-iam-policy-binding ${rest}`)).toMatchObject({
        code: 1,
        err: expect.stringContaining("Policy binding with the specified principal, role, and condition not found!"),
      });
      expect(await gcloud(`iam service-accounts get-iam-policy ${EMAIL} --project acme-prod`)).toMatchObject({
        code: 0,
        out: [{ bindings: [{ role: WORKLOAD_USER, members: [MEMBER] }], version: 1 }],
      });
    });

    test("a member of a pool that is not there", async () => {
      const line = `${EMAIL} --project acme-prod --role ${WORKLOAD_USER} --member "serviceAccount:none.svc.id.goog[a/b]"`;
      expect(await gcloud(`iam service-accounts add-iam-policy-binding ${line}`)).toMatchObject({
        code: 1,
        err: expect.stringContaining("INVALID_ARGUMENT: Identity Pool does not exist (none.svc.id.goog)."),
      });
    });
  });

  describe("buckets", () => {
    const viewer = `--role roles/storage.objectViewer --member serviceAccount:${EMAIL}`;

    test("a role is given and taken", async () => {
      expect(await gcloud(`storage buckets add-iam-policy-binding gs://acme ${viewer}`)).toMatchObject({ code: 0 });
      expect(bucketPolicy("acme")).toHaveLength(2);
      expect((await gcloud(`storage buckets remove-iam-policy-binding gs://acme ${viewer}`)).code).toBe(0);
      expect(bucketPolicy("acme")).toHaveLength(1);
    });

    test("a policy with conditions wants --condition, and keeps them", async () => {
      expect(await gcloud(`storage buckets add-iam-policy-binding gs://bound ${viewer}`)).toMatchObject({
        code: 1,
        err: expect.stringContaining(
          "is prohibited in non-interactive mode. Run the command again with `--condition=None`",
        ),
      });
      expect((await gcloud(`storage buckets add-iam-policy-binding gs://bound ${viewer} --condition=None`)).code).toBe(
        0,
      );
      expect(bucketPolicy("bound")).toEqual([
        { role: "roles/storage.objectViewer", members: ["user:a@acme.com"], condition: UNTIL },
        { role: "roles/storage.objectViewer", members: [`serviceAccount:${EMAIL}`] },
      ]);
    });

    test("somebody else was faster: that is an error, and nothing is tried again", async () => {
      google.fail({ match: "storage.buckets.setIamPolicy", times: 1, how: { status: 412, code: "conditionNotMet" } });
      expect((await gcloud(`storage buckets add-iam-policy-binding gs://acme ${viewer}`)).code).toBe(1);
      expect(bucketPolicy("acme")).toHaveLength(1);
    });

    test("an account that is not there, a bucket that is not there, and a name that is none", async () => {
      const none = viewer.replace("antfly@", "none@");
      expect(await gcloud(`storage buckets add-iam-policy-binding gs://acme ${none}`)).toMatchObject({
        code: 1,
        err: expect.stringContaining(
          "HTTPError 400: Service account none@acme-prod.iam.gserviceaccount.com does not exist.",
        ),
      });
      expect(await gcloud("storage buckets get-iam-policy gs://none")).toMatchObject({ code: 1 });
      expect(await gcloud("storage buckets get-iam-policy acme")).toMatchObject({
        code: 1,
        err: expect.stringContaining("only accepts Google Cloud Storage URLs"),
      });
    });

    test("describe, get-iam-policy, create", async () => {
      expect(await gcloud("storage buckets describe gs://acme")).toMatchObject({
        code: 0,
        out: [{ name: "acme", location: "EUROPE-WEST1", uniform_bucket_level_access: true }],
      });
      expect((await gcloud('storage buckets describe gs://acme --format "value(location,name)"')).text).toBe(
        "EUROPE-WEST1\tacme\n",
      );
      expect(
        (await gcloud("storage buckets create gs://fresh --project acme-prod --uniform-bucket-level-access")).code,
      ).toBe(0);
      expect(await gcloud("storage buckets get-iam-policy gs://acme")).toMatchObject({
        code: 0,
        out: [{ bindings: [{ role: "roles/storage.objectUser", members: [`serviceAccount:${EMAIL}`] }] }],
      });
    });
  });

  test("the life of an HMAC key", async () => {
    const p = "--project acme-prod";
    expect(await gcloud(`storage hmac create ${EMAIL} ${p}`)).toMatchObject({
      code: 0,
      out: [{ metadata: { accessId: expect.stringMatching(/^GOOG1E/), state: "ACTIVE" }, secret: expect.any(String) }],
    });
    expect(await gcloud(`storage hmac delete ${KEY} ${p}`)).toMatchObject({
      code: 1,
      err: expect.stringContaining("HTTPError 400: Cannot delete keys in 'ACTIVE' state."),
    });
    expect((await gcloud(`storage hmac update ${KEY} ${p}`)).code).toBe(2);
    expect(await gcloud(`storage hmac update ${KEY} ${p} --deactivate`)).toMatchObject({
      out: [{ state: "INACTIVE" }],
    });
    expect(await gcloud(`storage hmac update ${KEY} ${p} --activate`)).toMatchObject({ out: [{ state: "ACTIVE" }] });
    await gcloud(`storage hmac update ${KEY} ${p} --deactivate`);
    expect(await gcloud(`storage hmac describe ${KEY} ${p}`)).toMatchObject({ code: 0, out: [{ accessId: KEY }] });
    expect((await gcloud(`storage hmac delete ${KEY} ${p}`)).code).toBe(0);
    const list = 'storage hmac list --project acme-prod --format "value(state)"';
    expect((await gcloud(list)).text).toBe("ACTIVE\n");
    expect((await gcloud(`${list} --all`)).text.split("\n").toSorted()).toEqual(["", "ACTIVE", "DELETED"]);
    expect((await gcloud(`${list} --service-account none@acme-prod.iam.gserviceaccount.com`)).text).toBe("");
  });

  describe("clusters", () => {
    test("describe, and one that is not there", async () => {
      const format = '--format "value(workloadIdentityConfig.workloadPool)"';
      expect(await gcloud(`container clusters describe prod ${PLACE} ${format}`)).toMatchObject({
        code: 0,
        text: "acme-prod.svc.id.goog\n",
      });
      expect((await gcloud(`container clusters describe plain ${PLACE} ${format}`)).text).toBe("\n");
      expect(await gcloud(`container clusters describe none ${PLACE}`)).toMatchObject({
        code: 1,
        err: expect.stringContaining("No cluster named 'none' in acme-prod."),
      });
    });

    test("Workload Identity of a cluster, and of a node pool", async () => {
      const pool = `container node-pools update default-pool --cluster prod ${PLACE} --workload-metadata=GKE_METADATA --quiet`;
      expect((await gcloud(pool)).code).toBe(0);
      expect(google.state.clusters.get("projects/acme-prod/locations/europe-west1/clusters/prod")?.nodePools).toEqual([
        { name: "default-pool", mode: "GKE_METADATA", status: "RUNNING" },
      ]);
      const mode = `container node-pools describe default-pool --cluster prod ${PLACE} --format "value(config.workloadMetadataConfig.mode)"`;
      expect((await gcloud(mode)).text).toBe("GKE_METADATA\n");
      const other = `container clusters update plain ${PLACE} --workload-pool=other.svc.id.goog`;
      expect((await gcloud(other)).code).toBe(1);
      const line = `container clusters update plain ${PLACE} --workload-pool=acme-prod.svc.id.goog --quiet`;
      expect((await gcloud(line)).code).toBe(0);
      const plain = google.state.clusters.get("projects/acme-prod/locations/europe-west1/clusters/plain");
      expect(plain).toMatchObject({ workloadPool: "acme-prod.svc.id.goog", status: "RUNNING" });
    });
  });

  test("a project, its policy and its services", async () => {
    expect(await gcloud('projects describe acme-prod --format "value(projectNumber)"')).toMatchObject({
      code: 0,
      text: "123456789012\n",
    });
    expect(await gcloud("projects describe none-prod")).toMatchObject({ code: 1 });
    const rest = `acme-prod --role roles/storage.admin --member serviceAccount:${EMAIL} --condition=None`;
    expect((await gcloud(`projects add-iam-policy-binding ${rest}`)).code).toBe(0);
    expect(await gcloud("projects get-iam-policy acme-prod")).toMatchObject({
      out: [{ bindings: [{ role: "roles/storage.admin", members: [`serviceAccount:${EMAIL}`] }] }],
    });
    expect((await gcloud(`projects remove-iam-policy-binding ${rest}`)).code).toBe(0);
    expect((await gcloud("services enable iamcredentials.googleapis.com --project acme-prod")).code).toBe(0);
    const listed = await gcloud('services list --enabled --project acme-prod --format "value(config.name)"');
    expect(listed.text).toBe("iamcredentials.googleapis.com\n");
  });

  describe("what is refused before anything is asked", () => {
    test.each<[string, string]>([
      ["iam service-accounts create", "argument NAME: Must be specified."],
      ["iam service-accounts create backup --projct=x", "unrecognized arguments: --projct=x"],
      ["iam service-accounts create backup other --project=x", "unrecognized arguments: other"],
      [`iam service-accounts add-iam-policy-binding ${EMAIL} --member=x`, "argument --role: Must be specified."],
      ["iam service-accounts describe antfly --project=x", "Not a valid service account identifier"],
      ["storage hmac describe --project=x", "argument ACCESS_ID: Must be specified."],
      [
        `container node-pools update a --cluster b ${PLACE} --workload-metadata=ON`,
        "argument --workload-metadata: Invalid choice: 'ON'.",
      ],
    ])("%s", async (line, says) => {
      expect(await gcloud(line)).toMatchObject({ code: 2, err: expect.stringContaining(says) });
      expect(google.calls).toEqual([]);
    });

    test("a project is named, and somebody is logged in", async () => {
      expect(await gcloud("iam service-accounts create backup")).toMatchObject({
        code: 1,
        err: expect.stringContaining("The required property [project] is not currently set."),
      });
      const { CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: _, ...nobody } = google.env;
      expect(await gcloud(`iam service-accounts describe ${EMAIL} --project x`, nobody)).toMatchObject({
        code: 1,
        err: expect.stringContaining("You do not currently have an active account selected."),
      });
    });

    test("what the caller may not do", async () => {
      await google.seed({ denied: ["iam.serviceAccounts.get"] });
      expect(await gcloud(`iam service-accounts describe ${EMAIL} --project acme-prod`)).toMatchObject({
        code: 1,
        err: expect.stringContaining("Permission 'iam.serviceAccounts.get' denied on resource (or it may not exist)."),
      });
    });
  });
}

function read(stdout: string): unknown {
  try {
    return parseAllDocuments(stdout).map((document): unknown => document.toJS());
  } catch {
    return undefined;
  }
}
