import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { CHECKS } from "../../src/checks/index.ts";
import { OBJECTS, VECTORS } from "../support/hash-vectors.ts";
import { runBin } from "../support/run-bin.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

describe("hash -f", () => {
  test.each(VECTORS.filter((vector) => vector.sources.length > 0))(
    "$id $title",
    async ({ sources, content, reference, namespace, data }) => {
      const manifests: object[] = sources.flatMap(({ kind, name }) => {
        const values = OBJECTS[`${kind}/${data?.[name] ?? name}`];
        if (values === undefined) return [];
        const encoded = Object.entries(values).map(([key, value]) => [
          key,
          kind === "Secret" ? Buffer.from(value, "latin1").toString("base64") : value,
        ]);
        return [{ apiVersion: "v1", kind, metadata: { name, namespace }, data: Object.fromEntries(encoded) }];
      });
      const envFrom = sources.map(({ kind, name }) => ({
        [kind === "Secret" ? "secretRef" : "configMapRef"]: { name },
      }));
      manifests.push({
        apiVersion: "antfly.io/v1",
        kind: "AntflyCluster",
        metadata: { name: "c1", namespace },
        spec: { dataNodes: { envFrom } },
      });
      const files = { "all.yaml": manifests.map((manifest) => JSON.stringify(manifest)).join("\n---\n") };
      const { json, code } = await runBin(["hash", "-f", "all.yaml", "--assume-absent", "-o", "json"], { files });
      const group = json.groups.find((one: { group: string }) => one.group === "data");
      expect(group).toMatchObject({ content, reference, live: null, matches: "unknown" });
      expect(code).toBe(0);
    },
  );

  const CLUSTER =
    "kind: AntflyCluster\nmetadata: {name: c1}\nspec: {dataNodes: {envFrom: [{secretRef: {name: keys}}]}}\n";

  test("a Secret that is not in the files is not known to be absent", async () => {
    const { json } = await runBin(["hash", "-f", "a.yaml", "-o", "json"], { files: { "a.yaml": CLUSTER } });
    expect(json.groups.find((one: { group: string }) => one.group === "data")).toMatchObject({
      content: null,
      reference: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  test("a folder, stringData, several documents and a List", async () => {
    const secret = 'kind: List\nitems:\n- {kind: Secret, metadata: {name: keys}, stringData: {A: "1"}}\n';
    const { stdout, code } = await runBin(["hash", "-f", "dir"], {
      files: { "dir/a.yaml": `---\n${CLUSTER}---\n`, "dir/sub/b.yml": secret, "dir/README.md": "{{" },
    });
    expect(stdout).toMatch(/default\/c1 +data +[0-9a-f]{16} +[0-9a-f]{16} +-/);
    expect(code).toBe(0);
  });

  test("merge keys, typed lists, and kinds of the same name in another group", async () => {
    const text = [
      "kind: AntflyCluster",
      "metadata: {name: c1}",
      "spec:",
      "  metadataNodes: &nodes {envFrom: [{secretRef: {name: keys}}]}",
      "  dataNodes: {<<: *nodes, replicas: 3}",
      "---",
      'apiVersion: v1\nkind: SecretList\nitems:\n- {metadata: {name: keys}, stringData: {A: "1"}}',
      "---",
      'apiVersion: sealed.io/v1\nkind: Secret\nmetadata: {name: keys}\nstringData: {A: "2"}',
    ].join("\n");
    const { json } = await runBin(["hash", "-f", "a.yaml", "-o", "json"], { files: { "a.yaml": text } });
    const [metadata, data] = json.groups;
    expect(data.content).toMatch(/^[0-9a-f]{16}$/);
    expect(data.content).toBe(metadata.content);
  });

  test("several outputs in one run, and no escape sequence of a file in any", async () => {
    const text = CLUSTER.replace("name: c1", 'name: "\\e[31mred"');
    const run = await runBin(["hash", "-f", "a.yaml", "-o", "human", "-o", "json=out.json"], {
      files: { "a.yaml": text },
      after: (cwd) => expect(JSON.parse(readFileSync(`${cwd}/out.json`, "utf8")).groups).toHaveLength(2),
    });
    expect(run.stdout).toContain("default/[31mred");
    expect(run.stdout).not.toContain("\u001b");
  });

  test("base64 as Kubernetes takes it: line ends may stand in it, blanks may not", async () => {
    const secret = (data: string): string =>
      `${CLUSTER}---\nkind: Secret\nmetadata: {name: keys}\ndata: {A: "${data}"}\n`;
    const run = (data: string): ReturnType<typeof runBin> =>
      runBin(["hash", "-f", "a.yaml"], { files: { "a.yaml": secret(data) } });
    expect((await run("QU\\nJD")).code).toBe(0);
    expect((await run("Q U J D")).stderr).toContain("data.A of Secret keys is not base64");
  });

  test("standard input", async () => {
    expect((await runBin(["hash", "-f", "-"], { stdin: CLUSTER })).stdout).toContain("default/c1");
  });

  test.each([
    ["no YAML", "a: [b\n", /a\.yaml:\d+:\d+ is not valid YAML/],
    ["a Helm template", "{{ if x }}\na: b\n{{ end }}\n", /a\.yaml:1:1 holds Helm templates/],
    ["binary", "\0\0\0", /a\.yaml is binary, not YAML/],
    ["no AntflyCluster", "kind: Secret\nmetadata: {name: x}\n", /the files hold no AntflyCluster/],
    [
      "a Secret that is no base64",
      `${CLUSTER}---\nkind: Secret\nmetadata: {name: keys}\ndata: {A: "not base64!"}\n`,
      /a\.yaml:7:11: data\.A of Secret keys is not base64\n {2}put plain text under stringData/,
    ],
    [
      "a number where a string belongs",
      `${CLUSTER}---\nkind: Secret\nmetadata: {name: keys}\nstringData: {A: 0123}\n`,
      /a\.yaml:7:17: stringData\.A of Secret keys is no string to kubectl/,
    ],
    [
      "a cluster of the wrong shape",
      "apiVersion: antfly.io/v1\nkind: AntflyCluster\nmetadata: {name: c1}\nspec: {dataNodes: {envFrom: 3}}\n",
      /a\.yaml:4:29: spec\.dataNodes\.envFrom of AntflyCluster c1 is not as the API server wants it \(expected array\)/,
    ],
    [
      "an alias bomb",
      "a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n",
      /a\.yaml:1:1 has more aliases than any manifest needs/,
    ],
  ])("%s", async (_, text, message) => {
    const run = await runBin(["hash", "-f", "a.yaml"], { files: { "a.yaml": text } });
    expect(run.stderr).toMatch(message);
    expect(run.code).toBe(2);
  });
});

describe("without a cluster", () => {
  test("--version, --help and its examples", async () => {
    const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
    expect((await runBin(["--version"])).stdout).toBe(`${version}\n`);
    const { stdout, code } = await runBin(["--help"]);
    expect(code).toBe(0);
    for (const command of ["doctor", "init", "hash", "explain", "permissions", "completion"])
      expect(stdout).toContain(`  ${command}`);
  });

  test("every command shows two examples, and they name options that exist", async () => {
    const reference = readFileSync(`${root}docs/commands.md`, "utf8");
    for (const path of ["doctor", "init secret", "hash", "explain", "permissions", "completion"]) {
      const section = reference.split(`## antfly-creds ${path}\n`)[1]?.split("\n## ")[0] ?? "";
      const examples = section.split("Examples:\n")[1]?.split("```")[0]?.trim().split("\n") ?? [];
      expect(examples, path).toHaveLength(2);
      for (const option of examples.join(" ").matchAll(/antfly-creds[^|>]*? (--[a-z-]+)/g))
        expect(section.split("Options:")[1], path).toContain(option[1] ?? "");
    }
  });

  test("explain: every check, a cause, the list, a slip", async () => {
    for (const { code, title } of CHECKS)
      expect((await runBin(["explain", code])).stdout).toContain(`# ${code} ${title}`);
    expect((await runBin(["explain", "k8s.secret-missing"])).stdout).toContain("ANT0201");
    expect((await runBin(["explain"])).stdout.trim().split("\n")).toHaveLength(CHECKS.length);
    expect((await runBin(["explain", "ANT0299"])).stderr).toMatch(/did you mean ANT0/);
  });

  test.each([
    ["bash", "complete"],
    ["zsh", "#compdef antfly-creds"],
    ["fish", "complete -c antfly-creds"],
    ["powershell", "Register-ArgumentCompleter"],
  ])("completion for %s", async (shell, text) => {
    const { stdout, code } = await runBin(["completion", shell]);
    expect(stdout).toContain(text);
    expect(code).toBe(0);
  });

  test("what a TAB suggests", async () => {
    expect((await runBin(["complete", "--", "do"])).stdout).toContain("doctor");
    expect((await runBin(["complete", "--", "doctor", "--fail"])).stdout).toContain("--fail-on");
    expect((await runBin(["completion", "tcsh"])).stderr).toContain("shells: bash, zsh, fish, powershell");
  });

  test("permissions of what exists, with the names that are given", async () => {
    const { stdout, stderr } = await runBin([
      "permissions",
      "-n",
      "production",
      "--secret",
      "keys",
      "--for",
      "ANT0201",
    ]);
    expect(stdout).toContain("kind: Role");
    expect(stdout).toMatch(/resourceNames:\n\s+- keys/);
    expect(stdout).not.toContain("statefulsets");
    expect(stderr).toBe("");
    const all = await runBin(["permissions", "-n", "production", "--init", "--optional"]);
    expect(all.stdout).toContain("kind: ClusterRole");
    expect(all.stderr).toContain("lets the holder read every Secret of the namespace");
  });

  test("the second name under which kubectl finds it is the same bin", () => {
    const { bin } = JSON.parse(readFileSync(`${root}build/package/package.json`, "utf8"));
    expect(bin["kubectl-antfly_creds"]).toBe(bin["antfly-creds"]);
  });
});
