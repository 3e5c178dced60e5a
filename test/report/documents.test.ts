import { existsSync, readFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { REPORT_FORMATS, type ReportFormat } from "../../src/commands/print-report.ts";
import { antflyCluster, create, secret, secretRef } from "../support/antfly.ts";
import { CANARY_ID, CANARY_SECRET, expectNoCanary } from "../support/canaries.ts";
import { crdsOf } from "../support/crds/crds.ts";
import { EXIT_CODE_IN, linesOf } from "../support/exit-code-in.ts";
import { startKubeServer, type InProcessCluster } from "../support/kube-server/index.ts";
import { runBin, type BinOptions, type BinRun } from "../support/run-bin.ts";
import { expectStream, expectValid, readJson, SCHEMA_FILES, SCHEMAS } from "../support/schemas.ts";

describe("every document is what its schema says, and the committed example is one", () => {
  let cluster: InProcessCluster;
  const run = (args: readonly string[], options: BinOptions = {}): Promise<BinRun> =>
    runBin([...args, "-o", "json"], { kubeconfig: cluster.kubeconfig({ namespace: "production" }), ...options });
  const runNdjson = (args: readonly string[]): Promise<BinRun> =>
    runBin([...args, "-o", "ndjson"], { kubeconfig: cluster.kubeconfig({ namespace: "production" }) });
  const files = { "keys.env": `AWS_ACCESS_KEY_ID=${CANARY_ID}\nAWS_SECRET_ACCESS_KEY=${CANARY_SECRET}\n` };

  beforeAll(async () => {
    cluster = await startKubeServer({ controllers: false, objects: crdsOf(2) });
    for (const name of ["production", "healthy"]) {
      await cluster.admin.must("POST", "/api/v1/namespaces", {
        body: { apiVersion: "v1", kind: "Namespace", metadata: { name } },
      });
    }
    await create(cluster.admin, antflyCluster("production", "search", [secretRef("keys")]));
    await create(cluster.admin, antflyCluster("healthy", "fine", [secretRef("keys")]));
    const values = {
      AWS_ACCESS_KEY_ID: CANARY_ID,
      AWS_SECRET_ACCESS_KEY: CANARY_SECRET,
      AWS_ENDPOINT_URL: "https://s3.us-east-1.amazonaws.com",
    };
    await create(cluster.admin, secret("healthy", "keys", values));
  });
  afterAll(() => cluster.stop());

  test.each<[string, readonly string[], BinOptions, string, number]>([
    ["doctor that finds something", ["doctor"], {}, "report", 3],
    ["doctor that finds nothing", ["doctor", "-n", "healthy"], {}, "report", 0],
    ["doctor without a server", ["doctor", "--timeout", "1ms"], {}, "report", 5],
    ["doctor without a cluster", ["doctor", "nope"], {}, "error", 2],
    ["wrong usage", ["doctor", "--nope"], {}, "error", 2],
    ["hash", ["hash"], {}, "hash", 0],
    ["permissions", ["permissions", "search"], {}, "permissions", 0],
    [
      "init as a dry run",
      ["init", "secret", "--dry-run", "--region", "us-east-1", "--from-env-file", "keys.env"],
      { files },
      "plan",
      0,
    ],
    [
      "init into files",
      ["init", "secret", "--write-to", "out", "--region", "us-east-1", "--from-env-file", "keys.env"],
      { files },
      "plan",
      0,
    ],
    [
      "init without --yes",
      ["init", "secret", "--region", "us-east-1", "--from-env-file", "keys.env"],
      { files },
      "error",
      2,
    ],
    ["init twice", ["init", "secret", "-n", "healthy", "--wait", "0s", "--yes"], {}, "report", 0],
  ])("%s", async (_, args, options, kind, code) => {
    const { json, code: actual } = await run(args, options);
    expectValid(json, `antfly-creds.${kind}/v1`);
    expect(json.exitCode).toBe(code);
    expect(actual).toBe(code);
  });

  test("every schema has an example that fits it", () => {
    for (const file of SCHEMA_FILES) {
      const { $id } = readJson(file);
      const stream = `${SCHEMAS}examples/${file.replace(/json$/, "ndjson")}`;
      if (existsSync(stream)) expectStream(readFileSync(stream, "utf8"), $id);
      else expectValid(readJson(`examples/${file}`), $id);
    }
  });

  test("a stream is made of the parts of a report", () => {
    const { $defs, properties } = readJson("report.v1.json");
    const { runLine, targetLine, endLine, ...parts } = readJson("report-stream.v1.json").$defs;
    const { tool, startedAt, source } = runLine.properties;
    const { summary, calls, residue, exitCode } = endLine.properties;
    expect(properties).toMatchObject({ tool, startedAt, source, summary, calls, residue, exitCode });
    expect(properties.targets.items).toEqual(targetLine.properties.target);
    expect(parts).toMatchObject($defs);
  });

  test("a stream is what its schema says, also when it is an error", async () => {
    const [found, wrong] = await Promise.all([runNdjson(["doctor"]), runNdjson(["doctor", "nope"])]);
    expectStream(found.stdout, "antfly-creds.report-stream/v1");
    expect([found.code, linesOf(found.stdout).at(-1)?.exitCode]).toEqual([3, 3]);
    const [error, ...more] = linesOf(wrong.stdout);
    expectValid(error ?? {}, "antfly-creds.error/v1");
    expect([wrong.code, error?.exitCode, more]).toEqual([2, 2, []]);
  });

  test("every format in one run, and the exit code in each", async () => {
    const [stdout, ...rest] = REPORT_FORMATS;
    const written: Partial<Record<ReportFormat, string>> = {};
    const { code, stdout: human } = await runBin(
      ["doctor", "-o", stdout, ...rest.flatMap((format) => ["-o", `${format}=report.${format}`])],
      {
        kubeconfig: cluster.kubeconfig({ namespace: "production" }),
        after: (cwd) => {
          for (const format of rest) written[format] = readFileSync(`${cwd}/report.${format}`, "utf8");
        },
      },
    );
    written[stdout] = human;
    for (const format of REPORT_FORMATS) {
      const text = written[format] ?? "";
      expect([format, EXIT_CODE_IN[format](text)]).toEqual([format, code]);
      expect(text).toContain("ANT0201");
      expectNoCanary(text, format);
    }
  });

  test("a plan that is not carried out has no report to print", async () => {
    const args = ["init", "secret", "--dry-run", "--region", "us-east-1", "--from-env-file", "keys.env"];
    const kubeconfig = cluster.kubeconfig({ namespace: "production" });
    const { code, stderr } = await runBin([...args, "-o", "sarif"], { kubeconfig, files });
    expect(code).toBe(2);
    expect(stderr).toContain("formats: human, json\n");
  });

  test("init ends with a report in any format", async () => {
    const kubeconfig = cluster.kubeconfig({ namespace: "healthy" });
    const { code, stdout } = await runBin(["init", "secret", "--wait", "0s", "--yes", "-o", "junit"], { kubeconfig });
    expect(EXIT_CODE_IN.junit(stdout)).toBe(code);
  });

  test("a report can go to a file and to the terminal in one run", async () => {
    let written = "";
    const { stdout } = await runBin(["doctor", "-o", "human", "-o", "json=report.json"], {
      kubeconfig: cluster.kubeconfig({ namespace: "production" }),
      after: (cwd) => (written = readFileSync(`${cwd}/report.json`, "utf8")),
    });
    expect(stdout).toContain("✗ ANT0201");
    expectValid(JSON.parse(written), "antfly-creds.report/v1");
  });
});
