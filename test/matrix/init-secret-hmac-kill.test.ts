import { afterEach, beforeEach, expect, test } from "vitest";

import { ACCOUNT, hmacBed, type HmacBed } from "../support/hmac-bed.ts";

let bed: HmacBed;
beforeEach(async () => {
  bed = await hmacBed();
});
afterEach(() => bed.stop());

/** Kills the tool while the answer to the call is on the way: the key is made, and nobody has written it down. */
async function killedAt(operation: string): Promise<void> {
  bed.google.fail({ match: operation, how: "hang", after: true });
  const args = ["init", "secret", "c1", "--create-hmac", ACCOUNT, "--yes", "--wait", "0s", "--timeout", "60s"];
  const run = await bed.run(args, {
    during: (child) => {
      const look = setInterval(() => {
        if (!bed.google.calls.some((call) => [call.operation, call.action].includes(operation))) return;
        clearInterval(look);
        setTimeout(() => child.kill("SIGKILL"), 100);
      }, 20);
      child.on("exit", () => clearInterval(look));
    },
  });
  expect(run.code).toBeNull();
  bed.google.heal();
}

test("killed while a key is made: the next run names it, with what removes it, and goes on", async () => {
  await killedAt("storage.hmacKeys.create");
  const [orphan] = bed.google.state.hmacKeys.values();
  expect(await bed.everything()).toMatchObject({ inCluster: { notes: ["antfly-creds-init-c1"], secrets: [] } });
  const next = await bed.init();
  expect(next.app.printed.err).toContain(
    `it may be done: these keys of ${ACCOUNT} were made since then, and the Secret does not hold them. What is nobody else's can go:`,
  );
  expect(next.app.printed.err).toContain(
    `gcloud storage hmac update ${orphan?.id} --deactivate --project acme-prod && gcloud storage hmac delete ${orphan?.id} --project acme-prod`,
  );
  expect(next.code, next.app.printed.err).toBe(0);
  expect(await bed.everything()).toMatchObject({ inCluster: { notes: [] } });
  expect(bed.google.state.hmacKeys.size).toBe(2);
});

test("killed before: no key is named, and none is left", async () => {
  await killedAt("storage.buckets.setIamPolicy");
  const next = await bed.init();
  expect(next.app.printed.err).toContain(
    `create an HMAC key of Google service account ${ACCOUNT} in project acme-prod: not done`,
  );
  expect(next.code).toBe(0);
  expect(bed.google.state.hmacKeys.size).toBe(1);
});

test("who may not list the keys learns that one may be there", async () => {
  await killedAt("storage.hmacKeys.create");
  bed.google.fail({ match: "storage.hmacKeys.list", how: { status: 403, code: "forbidden", message: "Forbidden" } });
  const next = await bed.init();
  expect(next.app.printed.err).toMatch(
    /it may be done, and the keys of the account could not be listed \(.*\): gcloud storage hmac list --service-account/,
  );
});

test("with all in place but the note, the note goes", async () => {
  await bed.init();
  const { kube } = bed;
  const labels = { "app.kubernetes.io/managed-by": "antfly-creds" };
  await kube.admin.must("POST", "/api/v1/namespaces/production/configmaps", {
    body: {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "antfly-creds-init-c1", namespace: "production", labels },
      data: { run: "r1", startedAt: "2026-01-01T00:00:00Z", steps: "[]" },
    },
  });
  const again = await bed.init();
  expect(again.app.printed.err).toContain("was cut off, or is still at work");
  expect(await bed.everything()).toMatchObject({ inCluster: { notes: [] } });
});
