import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";
import { parse } from "yaml";

import { allow, AUDIENCE, type Conditions, judge } from "../../support/trust.ts";

interface Row {
  readonly when?: Conditions;
  /** Parts laid over an Allow without condition; null takes one away. */
  readonly statements?: readonly Readonly<Record<string, unknown>>[];
  readonly version?: string | null;
  readonly claims?: Readonly<Record<string, string | string[]>>;
  readonly without?: readonly string[];
  readonly is: "allow" | "deny" | "unknown";
}

const TABLE = parse(readFileSync(fileURLToPath(new URL("semantics.yaml", import.meta.url)), "utf8")) as Readonly<
  Record<string, readonly (readonly [string, Row])[]>
>;

function policyOfRow({ when, statements = [{ when }], version = "2012-10-17" }: Row): object {
  const built = statements.map(({ when: tests, ...over }) => {
    const conditions = tests as Conditions | undefined;
    const whole = allow(
      conditions === undefined || Object.keys(conditions).length === 0 ? undefined : conditions,
      over,
    );
    return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== null));
  });
  return { ...(version === null ? {} : { Version: version }), Statement: built };
}

describe.each(Object.entries(TABLE))("%s", (_, rows) => {
  test.each(rows)("%s", (_name, row) => {
    const { claims = {}, without = [] } = row;
    const report = judge(policyOfRow(row), { claims: { aud: AUDIENCE, ...claims }, withoutClaims: without });
    expect(report.decision).toBe(row.is);
  });
});

test("the table is not cut short", () => {
  expect(Object.values(TABLE).flat().length).toBeGreaterThan(200);
});
