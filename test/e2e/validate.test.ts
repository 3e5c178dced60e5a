import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";
import { stringify } from "yaml";

import { antflyCluster, secretRef } from "../support/antfly.ts";
import { CANARY_ID, CANARY_SECRET } from "../support/canaries.ts";
import type { AnyObject } from "../support/follow.ts";
import { runBin, type BinOptions, type BinRun } from "../support/run-bin.ts";

const CLUSTER = stringify(antflyCluster("production", "search", [secretRef("keys")]));
const secret = (values: Readonly<Record<string, string>>): string =>
  stringify({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "keys", namespace: "production" },
    stringData: values,
  });
const GOOD = secret({
  AWS_ACCESS_KEY_ID: CANARY_ID,
  AWS_SECRET_ACCESS_KEY: CANARY_SECRET,
  AWS_REGION: "us-east-1",
  AWS_ENDPOINT_URL: "https://s3.us-east-1.amazonaws.com",
});

function validate(args: readonly string[], options: BinOptions = {}): Promise<BinRun> {
  return runBin(["validate", ...args], options);
}

/** `cause file:line` of everything that was found. */
function found({ json }: BinRun): string[] {
  return json.results.flatMap((result: AnyObject) =>
    result.findings.map(({ cause, location }: AnyObject) => `${cause} ${location?.file}:${location?.line}`),
  );
}

describe("validate", () => {
  test("a sound AntflyCluster with its Secret: nothing but that the Secret lies there in clear", async () => {
    const run = await validate([".", "-o", "json"], { files: { "a.yaml": CLUSTER, "b.yaml": GOOD } });
    expect(found(run)).toEqual(["k8s.secret-in-manifest b.yaml:2"]);
    expect(run.code).toBe(0);
    expect(run.json.targets.map(({ kind, name }: AnyObject) => [kind, name])).toEqual([
      ["Inputs", null],
      ["AntflyCluster", "search"],
    ]);
  });

  test("what the files do not hold is skipped with its reason, and known to be missing when so said", async () => {
    const files = { "a.yaml": CLUSTER };
    const open = await validate(["a.yaml", "-o", "json"], { files });
    const skipped = open.json.results.find(({ code }: AnyObject) => code === "ANT0201");
    expect(skipped).toMatchObject({
      status: "skip",
      skipReason: "Secret keys is not among the files; --assume-absent takes it for missing",
    });
    expect(open.code).toBe(0);
    const closed = await validate(["a.yaml", "--assume-absent", "-o", "json"], { files });
    expect(found(closed)).toContain("k8s.secret-missing a.yaml:16");
    expect(closed.code).toBe(3);
  });

  test("places inside JSON strings, in a block, in quotes, folded", async () => {
    const config = JSON.stringify({ storage: { s3: { access_key_id: CANARY_ID } } }, null, 2);
    const cluster = (text: string): string => CLUSTER.replace('config: "{}"', text);
    const block = cluster(`config: |\n${config.replace(/^/gm, "    ")}`);
    const quoted = cluster(`config: ${JSON.stringify(config)}`);
    const single = cluster(`config: '${JSON.stringify(JSON.parse(config))}'`);
    const folded = cluster(
      `config: "{\\"storage\\": {\\"s3\\":\n    {\\"access_key_id\\": \n\n\n      \\"${CANARY_ID}\\", \\\n   \\"a\\": 1}}}"`,
    );
    const indented = cluster(`config: |2\n\n${config.replace(/^/gm, "      ")}`);
    const texts = [block, quoted, single, folded, indented];
    const runs = await Promise.all(
      texts.map((text) => validate(["a.yaml", "--only", "ANT0804", "-o", "json"], { files: { "a.yaml": text } })),
    );
    for (const [i, text] of texts.entries()) {
      const location = runs[i]?.json.results[0].findings[0].location;
      const line = text.split("\n")[location.line - 1] ?? "";
      expect(line.slice(location.column - 1)).toMatch(/^(\\"|")AKIACANARY/);
    }
  });

  test("standard input, with a namespace for what names none", async () => {
    const text = `${CLUSTER.replace("  namespace: production\n", "")}---\n${secret({ AWS_ACCESS_KEY_ID: "minio\n", AWS_SECRET_ACCESS_KEY: "x" })}`;
    const run = await validate(["-", "-n", "production", "--only", "ANT0203", "-o", "json"], { stdin: text });
    expect(found(run)).toEqual(["value.trailing-newline standard input:31"]);
    expect(run.json.source).toMatchObject({ mode: "files", paths: ["standard input"] });
  });

  test("one broken document among good ones is a finding, and the good ones are judged", async () => {
    const run = await validate(["a.yaml", "--assume-absent", "-o", "json"], {
      files: { "a.yaml": `${CLUSTER}---\na: [\n` },
    });
    expect(found(run)).toEqual(["input.not-yaml a.yaml:27", "k8s.secret-missing a.yaml:16"]);
    expect(run.code).toBe(3);
  });

  test("an env file: its names, its values, and whether Git keeps it", async () => {
    const files = { "keys.env": `AWS_ACCESS_KEY_ID="${CANARY_ID}"\naws_secret_access_key=${CANARY_SECRET}\n` };
    const run = await validate(["keys.env", "-o", "json"], { files });
    expect(found(run)).toEqual(["k8s.key-near-miss keys.env:2"]);
    const kept = await validate(["keys.env", "--only", "ANT0802", "-o", "json"], { files, before: commit });
    expect(found(kept)).toEqual(["k8s.env-file-in-git keys.env:1"]);
    expect(kept.code).toBe(3);
  });

  test("secrets that Git keeps, by the repository that the file lies in", async () => {
    const run = await validate(["deploy", "--only", "ANT0802", "-o", "json"], {
      files: { "deploy/b.yaml": GOOD },
      before: commit,
    });
    expect(run.json.results[0].findings[0]).toMatchObject({ cause: "k8s.secret-in-manifest", severity: "critical" });
  });

  test("a Secret that no AntflyCluster refers to is judged by itself", async () => {
    const run = await validate(["b.yaml", "--skip", "ANT0802", "-o", "json"], {
      files: { "b.yaml": secret({ AWS_ACCESS_KEY_ID: "minio", AWS_SECRET_ACCESS_KEY: "a\r\n" }) },
    });
    expect(found(run)).toEqual(["value.crlf b.yaml:8"]);
    expect(run.json.targets[1]).toMatchObject({ kind: "Secret", namespace: "production", name: "keys" });
  });

  test("a backup whose AntflyCluster is not among the files: what would be asked of that is skipped, not left out", async () => {
    const backup = `apiVersion: antfly.io/v1\nkind: AntflyBackup\nmetadata: {name: nightly, namespace: production}
spec: {clusterRef: {name: search}, schedule: 0 2 * * *, destination: {location: s3://bucket}}\n`;
    const run = await validate(["b.yaml", "-o", "json"], { files: { "b.yaml": backup } });
    const place = run.json.results.find(({ code }: AnyObject) => code === "ANT0207");
    expect(place).toMatchObject({
      status: "skip",
      skipReason: "AntflyCluster search is not among the files; --assume-absent takes it for missing",
    });
    expect(run.code).toBe(0);
  });

  test("an annotation on an object in a file hides what is found of that object, and no more", async () => {
    const text = "k8s.secret-in-manifest: a key for tests; value.trailing-newline until 2020-01-01: later";
    const annotated = (name: string): string =>
      stringify({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name, annotations: name === "keys" ? { "antfly-creds/suppress": text } : {} },
        stringData: { AWS_ACCESS_KEY_ID: "minio\n", AWS_SECRET_ACCESS_KEY: "x" },
      });
    const files = { "a.yaml": annotated("keys"), "b.yaml": annotated("other") };
    const run = await validate([".", "-o", "json"], { files });
    expect(found(run)).toEqual([
      "k8s.secret-in-manifest b.yaml:2",
      "tool.suppression-expired a.yaml:4",
      "value.trailing-newline a.yaml:9",
      "value.trailing-newline b.yaml:7",
    ]);
  });

  test("one that is written twice is judged once, as it stands last", async () => {
    const broken = secret({ AWS_ACCESS_KEY_ID: "minio\n", AWS_SECRET_ACCESS_KEY: "x" });
    const run = await validate(["b.yaml", "--only", "ANT0203", "-o", "json"], {
      files: { "b.yaml": `${GOOD}---\n${broken}` },
    });
    expect(found(run)).toEqual(["value.trailing-newline b.yaml:18"]);
  });

  test("a file that is named twice, or lies in a folder that is named too, is read once", async () => {
    const files = { "deploy/a.yaml": CLUSTER };
    const run = await validate(["deploy", "./deploy/a.yaml", "deploy/a.yaml", "deploy", "-o", "json"], { files });
    expect(found(run)).toEqual([]);
  });

  test("a Kubernetes version decides which names reach the container", async () => {
    const files = {
      "a.yaml": `${CLUSTER}---\n${secret({ "1KEY": "x", AWS_ACCESS_KEY_ID: "minio", AWS_SECRET_ACCESS_KEY: "y" })}`,
    };
    const run = (version: string): Promise<BinRun> =>
      validate(["a.yaml", "--only", "ANT0210", "--kubernetes-version", version, "-o", "json"], { files });
    expect(found(await run("1.31"))).toEqual(["k8s.invalid-env-names a.yaml:32"]);
    expect(found(await run("v1.34.2"))).toEqual([]);
    expect((await run("newest")).code).toBe(2);
  });
});

describe("bad input is a finding with its place, or one clear line", () => {
  const secretWith = (lines: string): string =>
    `apiVersion: v1\nkind: Secret\nmetadata:\n  name: keys\nstringData:\n${lines}`;

  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      "nothing but an alias bomb",
      { "a.yaml": bomb() },
      /^error: a\.yaml:1:1 has more aliases than any manifest needs\n {2}write the repeated parts out\n$/,
    ],
    [
      "nothing but a tab",
      { "a.yaml": "a:\n\tb: c\n" },
      /^error: a\.yaml:2:1 is not valid YAML: a line is indented with a tab/,
    ],
    ["nothing but a key that is set twice", { "a.yaml": "a: 1\na: 2\n" }, /^error: a\.yaml:2:1 sets a key twice/],
    [
      "a Helm template",
      { "a.yaml": "kind: {{ .Values.kind }}\nmetadata: {{ toYaml . }}\n" },
      /^error: a\.yaml:1:1 holds Helm templates.*\n {2}helm template RELEASE CHART \|/,
    ],
    ["binary", { "a.yaml": "\0\u0001\0" }, /^error: a\.yaml is binary, not YAML\n$/],
    ["an empty file", { "a.yaml": "" }, /^error: a\.yaml holds no manifest, env file or IAM policy\n$/],
    ["a comment alone", { "a.yaml": "# nothing\n" }, /^error: a\.yaml holds no manifest/],
    ["a list", { "a.yaml": "- a\n- b\n" }, /^error: a\.yaml holds no manifest/],
    ["a folder without manifests", { "a.txt": "hello" }, /^error: \. holds no manifest/],
    [
      "several broken files",
      { "a.yaml": "a: [\n", "b.yaml": "\tb" },
      /^error: none of the files could be read\n {2}a\.yaml:2:1 .*\n {2}b\.yaml:1:1 /,
    ],
    [
      "an env file with a line that is none",
      { "keys.env": "AWS_REGION=us-east-1\nwhat is this\n" },
      /^error: keys\.env:2:1 is not NAME=value/,
    ],
  ])("%s: exit 2", async (_, files, message) => {
    const [path = "."] = Object.keys(files).length === 1 && !("a.txt" in files) ? Object.keys(files) : ["."];
    const run = await validate([path], { files });
    expect(run.stderr).toMatch(message);
    expectNoTrace(run);
    expect(run.code).toBe(2);
    const json = await validate([path, "-o", "json"], { files });
    expect(json.json).toMatchObject({ schema: "antfly-creds.error/v1", exitCode: 2 });
  });

  test.each<[string, string, string, number]>([
    ["YAML 1.1 words", secretWith("  AWS_REGION: no\n"), "input.not-a-string a.yaml:6", 3],
    ["an octal number", secretWith("  AWS_ACCESS_KEY_ID: 0123\n"), "input.not-a-string a.yaml:6", 3],
    ["a mapping as a value", secretWith("  AWS_REGION: {a: b}\n"), "input.not-a-string a.yaml:6", 3],
    [
      "text under data",
      "apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\ndata:\n  AWS_REGION: plain text\n",
      "value.not-base64-decoded a.yaml:5",
      3,
    ],
    ["a wrong apiVersion", CLUSTER.replace("antfly.io/v1", "antfly.io/v1beta1"), "input.api-version a.yaml:1", 3],
    ["a name that cannot be", CLUSTER.replace("name: search", "name: Search_1"), "input.bad-name a.yaml:4", 3],
    [
      "a CR that the CRD refuses",
      CLUSTER.replace("replicas: 3", "replicas: three"),
      "input.malformed-object a.yaml:11",
      3,
    ],
    [
      "a CR that the operator refuses",
      CLUSTER.replace("replicas: 3", "replicas: 2"),
      "operator.cluster-refused a.yaml:11",
      3,
    ],
    ["a misspelt field", CLUSTER.replace("envFrom:", "envfrom:"), "input.unknown-field a.yaml:14", 3],
    ["a byte order mark", `\ufeff${CLUSTER}`, "k8s.secret-missing a.yaml:16", 3],
    ["Windows line ends", CLUSTER.replaceAll("\n", "\r\n"), "k8s.secret-missing a.yaml:16", 3],
  ])("%s", async (_, text, finding, code) => {
    const run = await validate(["a.yaml", "--assume-absent", "-o", "json"], { files: { "a.yaml": text } });
    expect(found(run)).toContain(finding);
    expectNoTrace(run);
    expect(run.code).toBe(code);
  });

  test("a broken one of each kind beside a good one: each is named, and the good one is judged", async () => {
    const run = await validate([".", "--assume-absent", "-o", "json"], {
      files: {
        "good.yaml": CLUSTER,
        "bomb.yaml": bomb(),
        "tab.yaml": "a:\n\tb: c\n",
        "binary.yaml": "\0",
        "keys.env": "?\n",
      },
    });
    expect(found(run)).toEqual([
      "input.binary binary.yaml:1",
      "input.env-file keys.env:1",
      // Without a `kind` nobody knows whether it was to be one, so nobody fails for it.
      "input.alias-bomb bomb.yaml:1",
      "input.not-yaml tab.yaml:2",
      "k8s.secret-missing good.yaml:16",
    ]);
    expect(run.code).toBe(3);
  });

  test("100 MB is not read", async () => {
    const before = (cwd: string): void => {
      writeFileSync(join(cwd, "huge.yaml"), "a: b\n");
      truncateSync(join(cwd, "huge.yaml"), 100 * 1024 * 1024);
    };
    const alone = await validate(["huge.yaml"], { before });
    expect(alone.stderr).toBe("error: huge.yaml is larger than 64 MiB\n");
    expect(alone.code).toBe(2);
    const beside = await validate([".", "--assume-absent", "-o", "json"], { before, files: { "a.yaml": CLUSTER } });
    expect(found(beside)).toEqual(["input.unreadable huge.yaml:1", "k8s.secret-missing a.yaml:16"]);
  });

  test("what a chart renders may be larger than an env file", async () => {
    const crd = `---\n# ${"x".repeat(1024)}\n`.repeat(2048);
    const run = await validate(["-", "--assume-absent", "-o", "json"], { stdin: crd + CLUSTER });
    expect(found(run)).toEqual(["k8s.secret-missing standard input:4112"]);
  });

  test("links that go round, a link to a file, a link to nothing", async () => {
    const run = await validate([".", "--assume-absent", "-o", "json"], {
      files: { "a/b.yaml": CLUSTER },
      before: (cwd) => {
        symlinkSync("..", join(cwd, "a", "up"));
        symlinkSync("loop", join(cwd, "loop"));
        symlinkSync("nowhere", join(cwd, "nothing.yaml"));
        mkdirSync(join(cwd, "data"));
        writeFileSync(join(cwd, "data", "keys.yaml"), GOOD);
        symlinkSync("data/keys.yaml", join(cwd, "keys.yaml"));
      },
    });
    expect(found(run)).toContain("input.duplicate-object keys.yaml:4");
    expect(run.code).toBe(0);
  });

  test("what is named beside others and holds nothing", async () => {
    const files = { "a.yaml": CLUSTER, "empty/notes.txt": "hello", "none.yaml": "" };
    const facts = { "facts.json": '{"schema": "antfly-creds.facts/v1"}' };
    const paths = ["a.yaml", "facts.json", "empty", "none.yaml", "-"];
    const run = await validate([...paths, "-o", "json"], { files: { ...files, ...facts }, stdin: "" });
    expect(found(run)).toEqual([
      "input.unreadable facts.json:1",
      "input.unreadable empty:1",
      "input.unreadable none.yaml:1",
      "input.unreadable standard input:1",
    ]);
    expect(run.code).toBe(0);
  });

  test("paths that are not there, and a file that may not be read", async () => {
    const missing = await validate(["nope.yaml"]);
    expect(missing.stderr).toBe("error: nope.yaml does not exist\n");
    expect(missing.code).toBe(2);
    const unreadable = await validate([".", "-o", "json", "--assume-absent"], {
      files: { "a.yaml": CLUSTER, "b.yaml": GOOD },
      before: (cwd) => chmodSync(join(cwd, "b.yaml"), 0o000),
    });
    // Root reads everything.
    const wanted = process.getuid?.() === 0 ? "k8s.secret-in-manifest b.yaml:2" : "input.unreadable b.yaml:1";
    expect(found(unreadable)).toContain(wanted);
  });

  test("what goes together and what does not", async () => {
    expect((await validate([])).stderr).toContain("there is nothing to validate");
    expect((await validate(["a", "--secret", "b"])).stderr).toContain("give paths or --secret, not both");
    const misplaced = await validate(["a.yaml", "-n", "Prod_1"], { files: { "a.yaml": CLUSTER } });
    expect(misplaced.stderr).toBe('error: "Prod_1" cannot be the name of a namespace\n');
    expect((await validate(["a", "--only", "ANT9999"])).stderr).toContain("no check has the code");
  });
});

function expectNoTrace({ stdout, stderr }: BinRun): void {
  expect(stdout + stderr).not.toMatch(/^\s+at .*:\d+/m);
  expect(stdout + stderr).not.toMatch(/TypeError|unhandled|\[object/i);
}

/** 9^6 elements out of six lines. */
function bomb(): string {
  const lines = ["a: &a [x,x,x,x,x,x,x,x,x]"];
  for (const [now, before] of [
    ["b", "a"],
    ["c", "b"],
    ["d", "c"],
    ["e", "d"],
    ["f", "e"],
  ]) {
    lines.push(`${now}: &${now} [${Array.from({ length: 9 }, () => `*${before}`).join(",")}]`);
  }
  return `${lines.join("\n")}\n`;
}

function commit(cwd: string): void {
  execFileSync("git", ["init", "-q"], { cwd });
  execFileSync("git", ["add", "-A"], { cwd });
}
