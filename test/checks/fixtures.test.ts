import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";
import { parse } from "yaml";

import { CHECKS } from "../../src/checks/index.ts";
import type { Check } from "../../src/checks/define.ts";
import { judge } from "../../src/commands/judge.ts";
import { lookAt } from "../../src/commands/look.ts";
import { allResults, type Result } from "../../src/domain/report.ts";
import { fixtureObjects, type FixtureCase } from "../support/fixture-objects.ts";
import { startKubeServer } from "../support/kube-server/index.ts";
import { userWith } from "../support/test-cluster.ts";
import { testApp } from "../support/test-app.ts";

const FOLDER = fileURLToPath(new URL("fixtures/", import.meta.url));

/** One file a check: cases that pass and cases that fail, as objects on an API server. */
for (const file of readdirSync(FOLDER)) {
  const code = file.replace(".yaml", "");
  const check = CHECKS.find((candidate) => candidate.code === code);
  const cases = parse(readFileSync(`${FOLDER}${file}`, "utf8")) as FixtureCase[];

  describe(code, () => {
    test("the file belongs to a check", () => expect(check).toBeDefined());
    for (const one of cases) {
      test(one.name, async () => {
        if (check === undefined) throw new Error(`no check ${code}`);
        const result = await judged(check, one);
        const findings = result.findings.map(
          ({ cause, status, subject }) => `${status} ${cause} ${subject.kind} ${subject.name}`,
        );
        expect(findings).toEqual(one.finds ?? []);
        expect(result.status).toBe(one.is ?? (one.finds?.[0]?.split(" ")[0] || "pass"));
        for (const text of one.says ?? []) expect(JSON.stringify(result)).toContain(text);
      });
    }

    test("one case passes and one finds something", () => {
      expect(cases.some((one) => (one.finds ?? []).length === 0 && (one.is ?? "pass") === "pass")).toBe(true);
      expect(cases.some((one) => (one.finds ?? []).length > 0)).toBe(true);
    });
  });
}

test("every check has a fixture", () => {
  const codes = readdirSync(FOLDER).map((file) => file.replace(".yaml", ""));
  expect(codes).toEqual(CHECKS.map((check) => check.code));
});

async function judged(check: Check, one: FixtureCase): Promise<Result> {
  const cluster = await startKubeServer({
    controllers: false,
    objects: fixtureObjects(one),
    ...(one.kubernetes === undefined ? {} : { version: one.kubernetes }),
  });
  const token = one.rights === undefined ? {} : { token: await userWith(cluster, "production", "limited", one.rights) };
  const app = testApp(cluster.kubeconfig({ namespace: "production", ...token }));
  const kube = await app.kube({ timeoutMs: 5_000 });
  try {
    for (const resource of one.forbidden ?? []) {
      const fault = { kind: "status", code: 403, reason: "Forbidden", message: `${resource} is forbidden` } as const;
      cluster.faults.add({ when: (call) => call.resource === resource, fault });
    }
    const checks = [
      ...CHECKS.filter((other) => check.after?.includes(other.code) || one.also?.includes(other.code)),
      check,
    ];
    const report = await judge(app, [await lookAt(app, kube, undefined)], {
      chosen: { asked: checks, leftOut: [] },
      policy: { failOn: "error", allowUnknown: [] },
      source: { mode: "live", context: "test", paths: [], takenAt: undefined },
      calls: () => kube.calls(),
    });
    const result = allResults(report).find((candidate) => candidate.code === check.code);
    if (result === undefined) throw new Error("no result");
    return result;
  } finally {
    await kube.close();
    await cluster.stop();
  }
}
