import { expect, test } from "vitest";

import { googleReliance, reliesOnGoogle, withoutGoogle, type GoogleUse } from "../../../src/domain/gcp/google-use.ts";
import type { GoogleAim } from "../../../src/domain/google-facts.ts";
import type { Generation } from "../../../src/domain/operator/generation.ts";

const aim = (connection: string | undefined, source: GoogleAim["source"] = "default"): GoogleAim => ({
  scheme: "gs",
  identity: "usual",
  bucket: "backups",
  prefix: "",
  from: "a connection",
  writes: true,
  endpoint: undefined,
  region: undefined,
  connection,
  source,
});
const use = (generation: Generation | undefined, ...googleAims: readonly GoogleAim[]): GoogleUse => ({
  serviceAccount: undefined,
  googleAims,
  operator: { generation, evidence: [] },
});
const USUAL = { identityOnly: false };

test.each([
  [use(3, aim("store")), "all", "critical", true],
  [use(undefined, aim("store")), "maybe", "warning", true],
  [use(2, aim("store")), "none", "warning", false],
  [use(1, aim("store")), "none", "warning", false],
  [use(3, aim("store", "service_account")), "none", "warning", false],
  [use(3, aim(undefined)), "none", "warning", false],
  [use(3), "none", "warning", false],
] as const)("%# how much hangs on the identity", (given, reliance, severity, required) => {
  expect(googleReliance(given, USUAL)).toBe(reliance);
  expect(withoutGoogle(given, USUAL)).toBe(severity);
  expect(reliesOnGoogle(given, USUAL)).toBe(required);
});

test("who has said that it is for something else relies on it, where there is one", () => {
  const only = { identityOnly: true };
  expect(withoutGoogle(use(1), only)).toBe("critical");
  expect(reliesOnGoogle(use(1), only)).toBe(false);
  expect(reliesOnGoogle(use(1, aim(undefined)), only)).toBe(true);
});
