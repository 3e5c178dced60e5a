import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { createFiles } from "../../src/adapters/files.ts";
import { CHECKS } from "../../src/checks/index.ts";
import { readInputs } from "../../src/collect/inputs/read-inputs.ts";
import { looksAtFiles } from "../../src/commands/file-looks.ts";
import { judge } from "../../src/commands/judge.ts";
import { known } from "../../src/domain/known.ts";
import { allResults, type Result } from "../../src/domain/report.ts";
import { testApp } from "../support/test-app.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "antfly-creds-inputs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SECRET = `apiVersion: v1
kind: Secret
metadata: {name: keys, namespace: staging}
stringData: {AWS_ACCESS_KEY_ID: AIDAFIXTURE0000000000, AWS_SECRET_ACCESS_KEY: s}
`;

async function results(
  code: string,
  paths: readonly string[],
  given: { readonly files?: Record<string, string>; readonly stdin?: string },
): Promise<readonly Result[]> {
  for (const [name, content] of Object.entries(given.files ?? {})) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const app = testApp("", { files: createFiles(folder), cwd: folder });
  const terminal = { ...app.terminal, readStdin: () => Promise.resolve(Buffer.from(given.stdin ?? "")) };
  const options = {
    namespace: "production",
    assumeAbsent: true,
    kubernetesMinor: 36,
    given: { suppressions: known([], { via: "file", ref: "the configuration" } as const) },
  };
  const looks = await looksAtFiles(app, await readInputs({ ...app, terminal }, paths), options);
  const report = await judge(app, looks, {
    chosen: { asked: CHECKS.filter((check) => check.code === code), leftOut: [], deferred: [] },
    policy: { failOn: "error", allowUnknown: [] },
    source: { mode: "files", context: undefined, paths, takenAt: undefined },
    calls: () => ({ kubernetes: 0 }),
  });
  return allResults(report).filter((result) => result.code === code);
}

const causes = (list: readonly Result[]): string[] =>
  list.flatMap(({ findings }) => findings.map(({ cause }) => cause));

test("what comes through a pipe lies in no file", async () => {
  expect(causes(await results("ANT0802", ["-"], { stdin: SECRET }))).toEqual([]);
  expect(causes(await results("ANT0802", ["."], { files: { "keys.yaml": SECRET } }))).toEqual([
    "k8s.secret-in-manifest",
  ]);
});

test("a file that is named is told about, whatever it is; one that is found in a folder has to look like a manifest", async () => {
  const files = { "keys.yaml": SECRET, "notes.json": "{ // no JSON\n", "kept.json": '{"kind": "Secret", \n' };
  expect(causes(await results("ANT0901", ["."], { files }))).toEqual(["input.not-yaml"]);
  expect(causes(await results("ANT0901", ["keys.yaml", "notes.json"], { files }))).toEqual(["input.not-yaml"]);
});

test("a Secret by itself is one of its own namespace", async () => {
  const found = (await results("ANT0212", ["keys.yaml"], { files: { "keys.yaml": SECRET } })).flatMap(
    (one) => one.findings,
  );
  expect(found[0]?.subject).toEqual({ kind: "Secret", namespace: "staging", name: "keys" });
  expect(found[0]?.location).toEqual({ file: "keys.yaml", line: 4, column: 33 });
});

test("a policy with a text of many megabytes is refused at its place like any other", async () => {
  const id = "x".repeat(20_000_000);
  const text = `{"Version": "2012-10-17", "Statement": [], "Id": "${id}\\"",\n}`;
  const found = (await results("ANT0901", ["p.json"], { files: { "p.json": text } })).flatMap((one) => one.findings);
  expect(found.map(({ cause }) => cause)).toEqual(["input.not-yaml"]);
  expect(found[0]?.location).toEqual({ file: "p.json", line: 1, column: text.indexOf("\n") });
});
