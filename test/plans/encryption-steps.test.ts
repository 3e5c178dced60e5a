import { execFileSync } from "node:child_process";

import { expect, test } from "vitest";
import { stringify } from "yaml";

import { atRest } from "../../src/domain/at-rest.ts";
import type { EncryptionResult } from "../../src/domain/encryption-step.ts";
import { PLAIN } from "../../src/domain/style.ts";
import { eksSteps, gkeSteps } from "../../src/plans/encryption-cloud-steps.ts";
import { FILE_NAMES, newConfiguration, withoutSecrets } from "../../src/plans/encryption-file.ts";
import { ownSteps, type OwnControlPlane } from "../../src/plans/encryption-steps.ts";
import { renderEncryption } from "../../src/report/encryption.ts";

const FOLDER = "it's here/encryption";
const plane: OwnControlPlane = {
  folder: FOLDER,
  provider: { kind: "secretbox" },
  resources: ["secrets"],
  replaces: false,
  single: false,
  minor: 36,
  flags: ["--context", "prod"],
};
const counted = (prefix: string, readInClear = 0): EncryptionResult["inForce"] =>
  atRest({ platform: "self-managed", apiServers: undefined, written: { prefixes: [prefix], readInClear } });
const own = (more: Partial<OwnControlPlane>, result: Partial<EncryptionResult> = {}): EncryptionResult => ({
  platform: "self-managed",
  inForce: atRest({ platform: "self-managed", apiServers: undefined, written: { prefixes: [], readInClear: 0 } }),
  readInClear: 0,
  files: Object.values(FILE_NAMES)
    .slice(0, more.replaces === true ? 3 : 2)
    .map((name) => ({ path: `${FOLDER}/${name}`, shown: "", written: true })),
  steps: ownSteps({ ...plane, ...more }),
  dryRun: false,
  ...result,
});
const key = { name: "key1", secret: Buffer.alloc(32, 7).toString("base64") };
const { main } = newConfiguration(["secrets"], { kind: "secretbox", key });
const shown = stringify(withoutSecrets(main));
const cloud = (platform: "eks" | "gke", more: Partial<EncryptionResult>): EncryptionResult => ({
  ...own({}),
  platform,
  files: [],
  ...more,
});

const RESULTS: Readonly<Record<string, EncryptionResult>> = {
  new: own({}),
  single: own(
    { single: true },
    { dryRun: true, files: [{ path: `${FOLDER}/${FILE_NAMES.main}`, shown, written: false }] },
  ),
  kms: own({
    provider: { kind: "kms", endpoint: "unix:///run/kms/kms.sock" },
    minor: 25,
    resources: ["secrets", "configmaps"],
  }),
  wildcard: own({ replaces: true, resources: ["*.", "*.apps", "leases.coordination.k8s.io"], minor: undefined }),
  rotate: own({ replaces: true }, { inForce: counted("k8s:enc:aescbc:v1:"), readInClear: 3 }),
  eks: cloud("eks", {
    inForce: atRest({ platform: "eks", cluster: "prod", key: undefined, minor: 33 }),
    steps: eksSteps({
      cluster: "prod",
      key: undefined,
      awsFlags: ["--region", "us-east-1"],
      flags: [],
      now: "2026-11-28T08:00:00Z",
    }),
  }),
  gke: cloud("gke", {
    inForce: atRest({
      platform: "gke",
      cluster: "acme-prod/europe-west1-b/prod",
      projectNumber: "123456789012",
      state: "DECRYPTED",
      key: undefined,
    }),
    steps: gkeSteps({
      cluster: { project: "acme-prod", location: "europe-west1-b", name: "prod" },
      projectNumber: "123456789012",
      key: undefined,
    }),
  }),
};

test.each(Object.entries(RESULTS))("%s: what a person reads", async (name, result) => {
  const text = renderEncryption(result, PLAIN);
  await expect(text).toMatchFileSnapshot(`golden/encryption/${name}.txt`);
  expect(text).not.toContain(key.secret);
  for (const command of result.steps.flatMap(({ commands }) => commands))
    execFileSync("sh", ["-n", "-c", command], { stdio: "pipe" });
});
