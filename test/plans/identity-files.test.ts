import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { parseToObject } from "hcl2-parser";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";

import { identityFiles, type Mechanism } from "../../src/plans/identity-files.ts";
import type { RoleIdentityInput } from "../../src/plans/identity-input.ts";
import type { IdentityFile } from "../../src/plans/manifest-files.ts";
import { IRSA_NEW, IRSA_SHARED, POD_IDENTITY_NEW } from "../support/identity-inputs.ts";

const GOLDEN = fileURLToPath(new URL("golden/", import.meta.url));
const CASES: Readonly<Record<string, readonly [RoleIdentityInput, Mechanism]>> = {
  "irsa-new": [IRSA_NEW, { kind: "irsa", provider: IRSA_NEW.provider }],
  "irsa-shared": [IRSA_SHARED, { kind: "irsa", provider: IRSA_SHARED.provider }],
  "pod-identity-new": [POD_IDENTITY_NEW, { kind: "pod-identity", eksCluster: POD_IDENTITY_NEW.eksCluster }],
};

const filesOf = ([input, mechanism]: readonly [RoleIdentityInput, Mechanism]): IdentityFile[] =>
  identityFiles(input, mechanism, (object) => stringify(object));
const named = (files: readonly IdentityFile[], name: string): string =>
  files.find((file) => file.name === name)?.content ?? "";

describe.each(Object.entries(CASES))("the files of %s", (name, input) => {
  const files = filesOf(input);

  test("are those that were looked at", async () => {
    for (const file of files) await expect(file.content).toMatchFileSnapshot(`${GOLDEN}${name}/${file.name}`);
  });

  test("the script is one, for sh as for bash", () => {
    for (const shell of ["bash", "sh"]) execFileSync(shell, ["-n"], { input: named(files, "aws.sh") });
  });

  test("the Terraform file can be read", () => {
    const [parsed, problem] = parseToObject(named(files, "role.tf"));
    expect(problem).toBeNull();
    const { aws_iam_role: roles, aws_iam_role_policy: policies } = parsed.resource;
    expect(roles.antfly[0]).toMatchObject({
      name: input[0].role.name,
      assume_role_policy: '${file("${path.module}/trust.json")}',
    });
    expect(policies.backups[0].name).toBe(input[0].role.ownPolicy);
  });
});

test("names cannot become code of a shell or of Terraform", () => {
  const evil = 'x$(touch /tmp/evil)`id`\'"${file("/etc/passwd")}%{if true}';
  const [input, mechanism] = CASES["irsa-new"] ?? [];
  if (input === undefined || mechanism?.kind !== "irsa") throw new Error("no such case");
  const provider = { ...mechanism.provider, url: `https://${evil}` };
  const files = filesOf([input, { kind: "irsa", provider }]);
  const assignments = named(files, "aws.sh")
    .split("\n")
    .filter((line) => line.startsWith("issuer="));
  const shown = execFileSync("sh", ["-c", `${assignments.join("\n")}\nprintf %s "$issuer"`], { encoding: "utf8" });
  expect(shown).toBe(provider.url);
  const [parsed] = parseToObject(named(files, "role.tf"));
  expect(parsed.resource.aws_iam_openid_connect_provider.cluster[0].url).toBe(provider.url);
});
