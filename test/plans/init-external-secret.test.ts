import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import fc from "fast-check";
import { parseToObject } from "hcl2-parser";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";

import type { Plan, Step } from "../../src/domain/plan.ts";
import { externalSecretFiles } from "../../src/plans/external-secret-files.ts";
import { asFarAs, laidOver, type SecretManager } from "../../src/plans/external-secret-objects.ts";
import { planInitExternalSecret, type InitExternalSecretInput } from "../../src/plans/init-external-secret.ts";
import { readerFiles, type SecretReader } from "../../src/plans/secret-reader.ts";
import { AWS, GOOGLE, newExternalSecret, READER, VAULT } from "../support/external-secret-inputs.ts";

const GOLDEN = fileURLToPath(new URL("golden/", import.meta.url));
const render = (object: unknown): string => stringify(object);
const planOf = (input: InitExternalSecretInput): Plan => planInitExternalSecret(input, render);
const kinds = (plan: Plan): string[] => plan.steps.map((step) => step.do);

/** What the API server keeps of an applied object: the defaults of the CRD are filled in. */
function kept(step: Step | undefined): NonNullable<InitExternalSecretInput["externalSecret"]> {
  if (step?.do !== "object.apply") throw new Error("no such step");
  const spec = structuredClone(step.with.spec) as { data?: { remoteRef: object }[]; target?: { template: object } };
  for (const { remoteRef } of spec.data ?? [])
    Object.assign(remoteRef, { conversionStrategy: "Default", decodingStrategy: "None", metadataPolicy: "None" });
  if (spec.target !== undefined) Object.assign(spec.target.template, { engineVersion: "v2" });
  return { uid: `u-${step.id}`, generation: 1, own: true, spec };
}

/** The cluster after the plan was carried out. */
function after(input: InitExternalSecretInput): InitExternalSecretInput {
  const { steps } = planOf(input);
  const envFrom = [{ kind: "Secret" as const, name: input.secret, optional: false, prefix: "" }];
  return {
    ...input,
    cluster: { ...input.cluster, groups: input.cluster.groups.map((group) => ({ ...group, envFrom })) },
    store: { ...input.store, existing: kept(steps.find(({ id }) => id === "store")) },
    externalSecret: kept(steps.find(({ id }) => id === "external-secret")),
  };
}

const CASES: readonly [string, SecretManager, SecretReader][] = [
  ["external-secret-aws", AWS, { ...READER, role: "arn:aws:iam::123456789012:role/path/eso-reader" }],
  ["external-secret-aws-unknown-role", AWS, { ...READER, serviceAccount: undefined }],
  ["external-secret-google", GOOGLE, { ...READER, clusterProject: "acme-clusters" }],
  ["external-secret-google-account", GOOGLE, { ...READER, googleAccount: "eso@acme-prod.iam.gserviceaccount.com" }],
  ["external-secret-vault", VAULT, READER],
];

describe.each(CASES)("the files of %s", (name, manager, reader) => {
  const { serviceAccount, clusterProject } = reader;
  const input = newExternalSecret(manager);
  const given = { ...input, store: { ...input.store, made: { manager, serviceAccount, clusterProject } } };
  const files = externalSecretFiles(given, reader, render);
  const named = (file: string): string => files.find((one) => one.name === file)?.content ?? "";

  test("are those that were looked at", async () => {
    for (const file of files) await expect(file.content).toMatchFileSnapshot(`${GOLDEN}${name}/${file.name}`);
  });

  test("can be read by what reads them", () => {
    for (const shell of ["bash", "sh"]) execFileSync(shell, ["-n"], { input: named("reader.sh") });
    if (named("reader-policy.json") !== "") JSON.parse(named("reader-policy.json"));
    for (const file of ["reader.tf", "reader-policy.hcl"]) expect(parseToObject(named(file))[1]).toBeNull();
  });

  test("do not change with what the server has filled in", () => {
    expect(externalSecretFiles(after(given), reader, render)).toEqual(
      files.filter(({ name: file }) => !file.endsWith(".patch.yaml")),
    );
  });
});

test.each([
  ["AWS", AWS],
  ["Google", GOOGLE],
  ["Vault", VAULT],
])("the Secret is waited for before anything names it, and twice is no change: %s", (_, manager) => {
  const input = newExternalSecret(manager);
  const plan = planOf(input);
  expect(kinds(plan)).toEqual(["object.apply", "object.apply", "external-secret.wait", "cluster.patch"]);
  expect(plan.basis["ExternalSecret search-backup-credentials"]).toBe("absent");
  expect(planOf(after(input)).steps).toEqual([]);
});

test("a reference alone waits for the Secret as well", () => {
  const input = newExternalSecret(AWS);
  expect(kinds(planOf({ ...after(input), cluster: input.cluster }))).toEqual(["external-secret.wait", "cluster.patch"]);
});

test("without a ServiceAccount the operator reads as itself", () => {
  const input = newExternalSecret(AWS);
  const made = { manager: AWS, serviceAccount: undefined };
  const [store] = planOf({ ...input, store: { ...input.store, made } }).steps;
  expect(store?.do === "object.apply" && store.with.spec).toEqual({
    provider: { aws: { service: "SecretsManager", region: "us-east-1" } },
  });
});

test("another spelling of the interval, and what others have added, stay", () => {
  const done = after(newExternalSecret(AWS));
  if (done.externalSecret === undefined) throw new Error("no ExternalSecret");
  const { spec } = done.externalSecret;
  const more = { secretKey: "OTHER", remoteRef: { key: "other" } };
  const changed = { ...spec, refreshInterval: "60m", data: [more, ...(spec["data"] as object[])] };
  const there = { ...done, externalSecret: { ...done.externalSecret, spec: changed } };
  expect(planOf(there).steps).toEqual([]);
  expect(planOf({ ...there, refreshMs: 3_600_000 }).steps).toEqual([]);
  const [step] = planOf({ ...there, refreshMs: 60_000 }).steps;
  expect(step?.do === "object.apply" && step.with.spec).toMatchObject({
    refreshInterval: "1m0s",
    data: [more, {}, {}],
  });
});

test("what is laid over twice is laid over once, and only what is wanted is shown of it", () => {
  const entry = fc.record({ secretKey: fc.constantFrom("a", "b", "c"), remoteRef: fc.object({ maxDepth: 1 }) });
  const value = fc.oneof(fc.object({ maxDepth: 2 }), fc.uniqueArray(entry, { selector: ({ secretKey }) => secretKey }));
  const spec = fc.dictionary(fc.constantFrom("target", "data", "provider"), value);
  fc.assert(
    fc.property(spec, spec, (there, wanted) => {
      const once = laidOver(there, wanted);
      expect(laidOver(once, wanted)).toEqual(once);
      expect(laidOver(once, asFarAs(wanted, once))).toEqual(once);
    }),
  );
});

test("names cannot become code of a shell, of Terraform or of Vault", () => {
  const evil = 'x$(touch /tmp/evil)`id`\'"${file("/etc/passwd")}%{if true}';
  const reader = { ...READER, googleAccount: evil };
  const entry = { key: evil, idProperty: "a", secretProperty: "b" };
  const [script] = readerFiles(GOOGLE, entry, reader);
  const lines = (script?.content ?? "").split("\n").filter((line) => /^(secret|member)=/.test(line));
  const shown = execFileSync("sh", ["-c", `${lines.join("\n")}\nprintf '%s\\n' "$secret" "$member"`], {
    encoding: "utf8",
  });
  expect(shown).toBe(`${evil}\nserviceAccount:${evil}\n`);
  const [policy] = readerFiles(VAULT, entry, READER);
  const [parsed] = parseToObject(policy?.content ?? "");
  expect(Object.keys(parsed.path)).toEqual([`secret/data/${evil}`]);
});
