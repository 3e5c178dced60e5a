import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { parseToObject } from "hcl2-parser";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";

import type { IdentityFile } from "../../src/plans/manifest-files.ts";
import { workloadIdentityFiles } from "../../src/plans/workload-identity-files.ts";
import type { WorkloadIdentityInput } from "../../src/plans/workload-identity-input.ts";
import { ACCOUNT_NEW, ACCOUNT_SHARED, DIRECT } from "../support/workload-inputs.ts";

const GOLDEN = fileURLToPath(new URL("golden/", import.meta.url));
const CASES: Readonly<Record<string, WorkloadIdentityInput>> = {
  "workload-identity-new": ACCOUNT_NEW,
  "workload-identity-shared": ACCOUNT_SHARED,
  "workload-identity-direct": DIRECT,
};

const filesOf = (input: WorkloadIdentityInput): IdentityFile[] =>
  workloadIdentityFiles(input, (object) => stringify(object));
const named = (files: readonly IdentityFile[], name: string): string =>
  files.find((file) => file.name === name)?.content ?? "";

describe.each(Object.entries(CASES))("the files of %s", (name, input) => {
  const files = filesOf(input);

  test("are those that were looked at", async () => {
    for (const file of files) await expect(file.content).toMatchFileSnapshot(`${GOLDEN}${name}/${file.name}`);
  });

  test("the script is one, for sh as for bash", () => {
    for (const shell of ["bash", "sh"]) execFileSync(shell, ["-n"], { input: named(files, "gcloud.sh") });
  });

  test("the Terraform file can be read, and adds members alone", () => {
    const [parsed, problem] = parseToObject(named(files, "workload-identity.tf"));
    expect(problem).toBeNull();
    const { google_storage_bucket_iam_member: buckets, ...others } = parsed.resource;
    expect(buckets.backups[0]).toMatchObject({ bucket: "acme-backups", role: "roles/storage.objectUser" });
    expect(Object.keys(others).filter((kind) => !/^google_service_account(_iam_member)?$/.test(kind))).toEqual([]);
    if (input.googleAccount === undefined) expect(buckets.backups[0].member).toBe(input.principal);
    else expect(others.google_service_account_iam_member.workload[0].member).toBe(input.member);
  });
});

test("names cannot become code of a shell or of Terraform", () => {
  const evil = 'x$(touch /tmp/evil)`id`\'"${file("/etc/passwd")}%{if true}';
  const files = filesOf({ ...DIRECT, principal: evil });
  const assignments = named(files, "gcloud.sh")
    .split("\n")
    .filter((line) => line.startsWith("principal="));
  const shown = execFileSync("sh", ["-c", `${assignments.join("\n")}\nprintf %s "$principal"`], { encoding: "utf8" });
  expect(shown).toBe(evil);
  const [parsed] = parseToObject(named(files, "workload-identity.tf"));
  expect(parsed.resource.google_storage_bucket_iam_member.backups[0].member).toBe(evil);
});
