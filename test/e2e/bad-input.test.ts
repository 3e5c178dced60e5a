import { spawnSync } from "node:child_process";
import { createServer } from "node:https";
import { createServer as createPlainServer, type AddressInfo } from "node:net";

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";

import { antflyCluster, create, secretRef } from "../support/antfly.ts";
import { CANARY_ID, CANARY_SECRET } from "../support/canaries.ts";
import { createAuthority } from "../support/certificates.ts";
import { crdsOf } from "../support/crds/crds.ts";
import { GARBAGE, LOGIN_PAGE, WRONG_KIND, type Fault } from "../support/kube-server/faults.ts";
import { startKubeServer, type InProcessCluster } from "../support/kube-server/index.ts";
import { kubeconfigFor } from "../support/kubeconfig.ts";
import { BIN, runBin, type BinOptions, type BinRun } from "../support/run-bin.ts";
import { userWith } from "../support/test-cluster.ts";

/** Clear lines, the right exit code, no stack trace. */
function expectClear(run: BinRun, code: number, ...texts: (string | RegExp)[]): void {
  const all = run.stdout + run.stderr;
  for (const text of texts) expect(all).toMatch(text);
  expect(all).not.toMatch(/^\s+at .*\.(ts|js):\d+/m);
  expect(all).not.toMatch(/TypeError|unhandled|undefined|\[object/i);
  expect(run.code).toBe(code);
}

describe("kubeconfig", () => {
  const doctor = (options: BinOptions, ...args: string[]): Promise<BinRun> => runBin(["doctor", ...args], options);
  const server = (url: string): string => kubeconfigFor(url, createAuthority().cert, "token-in-the-kubeconfig");

  test("none at all", async () => {
    const run = await doctor({});
    expectClear(run, 2, /^error: no kubeconfig was found\n  set KUBECONFIG, or pass --kubeconfig FILE\n$/);
  });

  test.each([
    [
      "KUBECONFIG names a file that is not there",
      { env: { KUBECONFIG: "/nowhere/config" } },
      [],
      /KUBECONFIG names \/nowhere\/config, which does not exist/,
    ],
    ["--kubeconfig names a file that is not there", {}, ["--kubeconfig", "nope"], /the kubeconfig nope does not exist/],
    ["broken YAML", { kubeconfig: "a: [b\nc: d" }, [], /kubeconfig:\d+:\d+ is not valid YAML/],
    ["no mapping", { kubeconfig: "- a\n- b\n" }, [], /is not a kubeconfig: it holds no mapping/],
    [
      "no server",
      { kubeconfig: "clusters: [{name: a, cluster: {}}]" },
      [],
      /is not a kubeconfig: clusters\[0\]\.cluster\.server is missing/,
    ],
    ["no current context", { kubeconfig: "{}" }, [], /sets no current context/],
    [
      "a context that is not there",
      { kubeconfig: server("https://127.0.0.1:2") },
      ["--context", "tset"],
      /there is no context "tset" in .*\n {2}did you mean --context test\?/,
    ],
    [
      "a context of a cluster that is not there",
      { kubeconfig: "current-context: a\ncontexts: [{name: a, context: {cluster: b, user: c}}]" },
      [],
      /context "a" names the cluster "b"/,
    ],
    ["a server without TLS", { kubeconfig: server("http://127.0.0.1:2") }, [], /credentials are not sent without TLS/],
  ])("%s", async (_, options, args, text) => {
    expectClear(await doctor(options, ...args), 2, text);
  });

  test("an error never quotes the kubeconfig", async () => {
    const run = await doctor({ kubeconfig: `users: [{name: a, user: {token: ${CANARY_SECRET}\n` });
    expectClear(run, 2, /is not valid YAML/);
  });

  test("an exec plugin that is not installed", async () => {
    const kubeconfig = server("https://127.0.0.1:2").replace(
      "token: token-in-the-kubeconfig",
      "exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin}",
    );
    expectClear(await doctor({ kubeconfig }), 2, /logs in with "no-such-plugin", which cannot be started \(ENOENT\)/);
  });

  test.each([
    ["a user that is none", { users: [null] }, /is not a kubeconfig: users\[0\]/],
    [
      "a server that is a number",
      { clusters: [{ name: "test", cluster: { server: 5 } }] },
      /clusters\[0\]\.cluster\.server/,
    ],
    [
      "a server without a scheme",
      { clusters: [{ name: "test", cluster: { server: "127.0.0.1:6443" } }] },
      /is not an https address/,
    ],
    [
      "a server with a password",
      {
        clusters: [
          { name: "test", cluster: { server: `https://admin:${encodeURIComponent(CANARY_SECRET)}@127.0.0.1:2` } },
        ],
      },
      /holds a user name or a password/,
    ],
    [
      "a proxy that is none",
      { clusters: [{ name: "test", cluster: { server: "https://127.0.0.1:2", "proxy-url": "::" } }] },
      /the proxy-url of context "test" is not a URL/,
    ],
    [
      "a user that is not there",
      { contexts: [{ name: "test", context: { cluster: "test", user: "nobody" } }] },
      /names the user "nobody", which the kubeconfig does not define/,
    ],
    [
      "a certificate that is not there",
      { users: [{ name: "test", user: { "client-certificate": "/nowhere/c.crt" } }] },
      /client-certificate of context "test": \/nowhere\/c\.crt does not exist/,
    ],
    [
      "a token file that is not there",
      { users: [{ name: "test", user: { tokenFile: "token" } }] },
      /tokenFile of context "test": .*token does not exist/,
    ],
    [
      "a certificate that is none",
      { users: [{ name: "test", user: { "client-certificate-data": "eA==", "client-key-data": "eA==" } }] },
      /a certificate or a key of context "test" cannot be used/,
    ],
    ["an impersonated uid", { users: [{ name: "test", user: { as: "jane", "as-uid": "1" } }] }, /impersonates a uid/],
  ])("%s", async (_, part, text) => {
    const base = parse(server("https://127.0.0.1:2"));
    expectClear(await doctor({ kubeconfig: stringify({ ...base, ...part }) }), 2, text);
  });

  const plugin = (script: string): string =>
    server("https://127.0.0.1:2").replace(
      "token: token-in-the-kubeconfig",
      `exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, args: [-c, ${JSON.stringify(script)}]}`,
    );

  test("an exec plugin that fails, says nothing useful, or never ends", async () => {
    const failing = await doctor({ kubeconfig: plugin("echo please run aws sso login >&2; exit 3") });
    expectClear(failing, 2, /logs in with "sh", which failed \(exit 3\): please run aws sso login/);
    expectClear(
      await doctor({ kubeconfig: plugin("echo hello") }),
      2,
      /logs in with "sh", which printed no credential/,
    );
    const hanging = await doctor({ kubeconfig: plugin("exec sleep 60") }, "--timeout", "700ms");
    expectClear(hanging, 2, /logs in with "sh", which did not end within 0\.7 s/);
  });

  test("Ctrl-C ends an exec plugin that never does", async () => {
    const run = await runBin(["doctor"], { kubeconfig: plugin("exec sleep 60"), during: interruptSoon });
    expectClear(run, 130, /^error: interrupted/);
  });

  test("with -o json even this is one document", async () => {
    const { json, code, stderr } = await doctor({}, "-o", "json");
    expect(json).toEqual({
      schema: "antfly-creds.error/v1",
      error: {
        code: "no-kubeconfig",
        message: "no kubeconfig was found",
        hint: "set KUBECONFIG, or pass --kubeconfig FILE",
      },
      exitCode: 2,
    });
    expect([code, stderr]).toEqual([2, ""]);
  });
});

describe("the API server", () => {
  test("is down", async () => {
    const gone = createPlainServer();
    await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const run = await runBin(["doctor"], {
      kubeconfig: kubeconfigFor(`https://127.0.0.1:${port}`, createAuthority().cert, "t"),
    });
    expectClear(
      run,
      5,
      new RegExp(
        `ANT0101 .*could not tell: the API server https://127.0.0.1:${port} cannot be reached: the connection was refused`,
      ),
    );
    expect(run.stdout.trim().split("\n")).toHaveLength(2);
  });

  test("has a certificate that has expired", async () => {
    const cluster = await startKubeServer({ expiredCertificate: true });
    const run = await runBin(["doctor"], { kubeconfig: cluster.kubeconfig() });
    await cluster.stop();
    expectClear(run, 5, /its certificate has expired/);
  });

  test("has a certificate of another authority", async () => {
    const cluster = await startKubeServer();
    const run = await runBin(["doctor"], { kubeconfig: kubeconfigFor(cluster.url, createAuthority().cert, "t") });
    await cluster.stop();
    expectClear(run, 5, /its certificate is not signed by the authority in the kubeconfig/);
  });

  test("is no Kubernetes API server at all", async () => {
    const authority = createAuthority();
    const { key, cert } = authority.issue(["127.0.0.1"]);
    const web = createServer({ key, cert }, (_, response) =>
      response.writeHead(404, { "content-type": "text/html" }).end("<html>404</html>"),
    );
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    const { port } = web.address() as AddressInfo;
    const run = await runBin(["doctor"], {
      kubeconfig: kubeconfigFor(`https://127.0.0.1:${port}`, authority.cert, "t"),
    });
    web.closeAllConnections();
    await new Promise((resolve) => web.close(resolve));
    expectClear(run, 5, /ANT0101/);
  });
});

describe("on a server that answers", () => {
  let cluster: InProcessCluster;
  const namespace = "production";
  const doctor = (...args: string[]): Promise<BinRun> =>
    runBin(["doctor", ...args], { kubeconfig: cluster.kubeconfig({ namespace }) });

  beforeAll(async () => {
    cluster = await startKubeServer({ controllers: false, objects: crdsOf(2) });
    for (const name of [namespace, "several", "empty"]) {
      await cluster.admin.must("POST", "/api/v1/namespaces", {
        body: { apiVersion: "v1", kind: "Namespace", metadata: { name } },
      });
    }
    await create(cluster.admin, antflyCluster(namespace, "search", [secretRef("keys")]));
    for (const name of ["one", "two"]) await create(cluster.admin, antflyCluster("several", name, []));
  });
  afterEach(() => cluster.faults.clear());
  afterAll(() => cluster.stop());

  const spoil = (fault: Fault): void => cluster.faults.add({ fault });

  test.each<[string, Fault, RegExp]>([
    ["an HTML login page", LOGIN_PAGE, /the answer is an HTML page \(a login page or a proxy\?\)/],
    ["garbage", GARBAGE, /the answer is not what Kubernetes would send/],
    ["the wrong kind", WRONG_KIND, /the answer is not what Kubernetes would send/],
    ["an error without end", { kind: "status", code: 500, message: "etcd is sad" }, /etcd is sad/],
    [
      "that it is throttled",
      { kind: "status", code: 429, reason: "TooManyRequests", message: "slow down" },
      /slow down/,
    ],
    ["a cut connection", { kind: "reset" }, /cannot be reached: the connection was cut/],
    ["half of what it should", { kind: "half" }, /cannot be reached|not what Kubernetes would send/],
  ])("it answers %s", async (_, fault, text) => {
    spoil(fault);
    expectClear(await doctor("--timeout", "1s"), 5, text);
  });

  test("it does not answer", async () => {
    spoil({ kind: "hang" });
    const start = performance.now();
    expectClear(await doctor("--timeout", "700ms"), 5, /did not answer within 0.7 s/);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test("it stumbles once, and the answer is right all the same", async () => {
    cluster.faults.add({ times: 1, fault: { kind: "status", code: 503, message: "not yet" } });
    cluster.faults.add({ times: 1, fault: { kind: "reset" } });
    const run = await doctor("-o", "json");
    expect(run.code).toBe(3);
    expect(run.json.results.some((result: { status: string }) => result.status === "unknown")).toBe(false);
  });

  test("a token that is none", async () => {
    const run = await runBin(["doctor"], { kubeconfig: cluster.kubeconfig({ namespace, token: "expired" }) });
    expectClear(run, 5, /the API server does not accept the credentials of this context \(401 Unauthorized\)/);
  });

  test("a token without rights", async () => {
    const token = await userWith(cluster, "empty", "nobody", []);
    const run = await runBin(["doctor", "-n", namespace], { kubeconfig: cluster.kubeconfig({ token }) });
    expectClear(run, 5, /cannot list resource "antflyclusters"/, /grant +list antflyclusters\.antfly\.io/);
  });

  test("no CRD", async () => {
    const bare = await startKubeServer();
    const run = await runBin(["doctor"], { kubeconfig: bare.kubeconfig() });
    await bare.stop();
    expectClear(run, 3, /does not serve antflyclusters\.antfly\.io\/v1/, /kubectl get crd antflyclusters/);
  });

  test("no AntflyCluster", async () => {
    expectClear(await doctor("-n", "empty"), 2, /^error: there is no AntflyCluster in namespace empty/);
  });

  test("several AntflyClusters", async () => {
    expectClear(
      await doctor("-n", "several"),
      2,
      /namespace several has 2 AntflyClusters: one, two\n {2}name one, for example: antfly-creds doctor one -n several/,
    );
  });

  test("a misspelt AntflyCluster", async () => {
    expectClear(
      await doctor("serach"),
      2,
      /there is no AntflyCluster serach in namespace production\n {2}did you mean search\?/,
    );
  });

  test("a namespace that does not exist", async () => {
    expectClear(await doctor("-n", "prodution"), 2, /there is no namespace prodution \(context test\)/);
  });

  test.each([
    [["--only", "ANT9999"], /no check has the code "ANT9999"/],
    [["--only", "ANT0299"], /did you mean ANT0/],
    [["-o", "yaml"], /there is no output format "yaml"\n {2}formats: human, json/],
    [["-o", "json", "-o", "human"], /only one output format can go to stdout/],
    [["-o", "json=a", "-o", "sarif=./a"], /two outputs go to the same file/],
    [["-o", "json=-"], /-o json=- names no file\n {2}-o json goes to standard output/],
    [["--timeout", "5"], /--timeout 5 is not a duration/],
    [["--timeout", "0s"], /--timeout 0s leaves no time at all/],
    [["--timeout", "600h"], /--timeout 600h is longer than a day/],
    [["--allow-unknown", "ANT9999"], /no check has the code "ANT9999"/],
    [["-n", ".."], /"\.\." cannot be the name of a namespace/],
    [["-n", ""], /--namespace is empty\n {2}is it a variable that is not set\?/],
    [["--context", ""], /--context is empty/],
    [[""], /an argument is empty/],
    [["--fail-on", "never"], /argument 'never' is invalid. Allowed choices are error, warning/],
    [["--wiat", "1s"], /unknown option '--wiat'\n {2}Did you mean --wait\?/],
    [["search", "extra"], /too many arguments/],
  ])("doctor %j is refused", async (args, text) => {
    expectClear(await doctor(...args), 2, text);
  });

  test.each([[[]], [["init"]]])("%j without a command: the help, and exit 2", async (args) => {
    const run = await runBin(args);
    expect(run.stderr).toContain("Usage: antfly-creds");
    expect(run.stderr).not.toContain("outputHelp");
    expect(run.code).toBe(2);
  });

  test.each([
    ["antflyclusters", { kind: "AntflyClusterList", items: [null] }],
    ["statefulsets", { kind: "StatefulSetList", items: [null] }],
    ["pods", { kind: "PodList", items: ["pod"] }],
    ["customresourcedefinitions", { kind: "CustomResourceDefinition", metadata: {}, spec: { versions: [null, 3] } }],
    ["selfsubjectrulesreviews", { kind: "SelfSubjectRulesReview", status: { resourceRules: [null, 3] } }],
    ["antflybackups", { kind: "AntflyBackupList", items: [{ metadata: { name: 3 } }] }],
  ])("%s with nonsense in them: no crash, and no pass", async (resource, body) => {
    cluster.faults.add({
      when: (call) => call.resource === resource,
      fault: { kind: "body", body: JSON.stringify(body) },
    });
    const run = await doctor("-o", "json");
    expect([3, 5]).toContain(run.code);
  });

  test("a list that never ends", async () => {
    const body = { kind: "AntflyClusterList", metadata: { continue: "again" }, items: [] };
    cluster.faults.add({
      when: (call) => call.resource === "antflyclusters",
      fault: { kind: "body", body: JSON.stringify(body) },
    });
    expectClear(await doctor(), 5, /list antflyclusters: the list never ends/);
  });

  test("a server that wants to be asked later than there is time", async () => {
    spoil({ kind: "status", code: 429, reason: "TooManyRequests", message: "come back later", retryAfter: 3 });
    expectClear(await doctor("--timeout", "1s"), 5, /come back later/);
  });

  test("--only and --skip do not hide the cause", async () => {
    const only = await doctor("--only", "ANT0202", "-o", "json");
    expect(
      only.json.results.map((result: { code: string; status: string }) => `${result.code} ${result.status}`),
    ).toEqual(["ANT0201 fail", "ANT0202 blocked"]);
    expect(only.code).toBe(3);
    const skipped = await doctor("--skip", "ANT0201");
    expectClear(skipped, 5, /ANT0202 blocked by ANT0201, which was left out/);
  });

  test("--allow-unknown takes the beginning of a code, in small letters too", async () => {
    cluster.faults.add({
      when: (call) => call.resource === "secrets",
      fault: { kind: "status", code: 403, reason: "Forbidden", message: "no" },
    });
    expect((await doctor()).code).toBe(5);
    expect((await doctor("--allow-unknown", "ant02", "--allow-unknown", "ANT07")).code).toBe(0);
  });

  test("the report cannot be written", async () => {
    const { status, stderr } = spawnSync("sh", ["-c", `"${process.execPath}" "${BIN}" explain > /dev/full`], {
      encoding: "utf8",
    });
    expect(stderr).toBe("error: standard output cannot be written (ENOSPC)\n");
    expect(status).toBe(2);
  });

  test("a misspelt command", async () => {
    expectClear(await runBin(["doctro"]), 2, /unknown command 'doctro'\n {2}Did you mean doctor\?/);
  });

  test("a broken pipe", async () => {
    const run = await runBin(["doctor"], {
      kubeconfig: cluster.kubeconfig({ namespace }),
      during: (child) => child.stdout?.destroy(),
    });
    expect(run.stderr).toBe("");
    expect(run.code).toBe(3);
  });

  test("Ctrl-C while it waits for an answer", async () => {
    spoil({ kind: "hang" });
    const run = await runBin(["doctor"], { kubeconfig: cluster.kubeconfig({ namespace }), during: interruptSoon });
    expectClear(run, 130, /^error: interrupted/);
  });

  describe("init secret", () => {
    const init = (args: readonly string[], options: BinOptions = {}): Promise<BinRun> =>
      runBin(["init", "secret", "search", ...args], { kubeconfig: cluster.kubeconfig({ namespace }), ...options });
    const keys = (text: string): BinOptions => ({ files: { "keys.env": text } });
    const FROM = ["--from-env-file", "keys.env", "--region", "us-east-1", "--yes"];
    const nothingWritten = async (): Promise<void> => {
      expect((await cluster.admin.get(`/api/v1/namespaces/${namespace}/secrets/keys`)).status).toBe(404);
    };
    const pair = `AWS_ACCESS_KEY_ID=${CANARY_ID}\nAWS_SECRET_ACCESS_KEY=${CANARY_SECRET}\n`;

    test.each([
      ["an empty env file", "", /keys\.env holds no NAME=value line/],
      ["a file that is no env file", "hello\n", /keys\.env:1 is not NAME=value/],
      [
        "a value with a NUL byte",
        `AWS_ACCESS_KEY_ID=${CANARY_ID}\nAWS_SECRET_ACCESS_KEY=a\0b\n`,
        /keys\.env contains a NUL byte/,
      ],
      ["a missing key", `AWS_ACCESS_KEY_ID=${CANARY_ID}\n`, /keys\.env does not set AWS_SECRET_ACCESS_KEY/],
      [
        "a near miss",
        `AWS_ACCESS_KEY=${CANARY_ID}\n`,
        /keys\.env:1 sets AWS_ACCESS_KEY, which the database does not read\n {2}call it AWS_ACCESS_KEY_ID/,
      ],
      [
        "a placeholder",
        "AWS_ACCESS_KEY_ID=your-access-key\nAWS_SECRET_ACCESS_KEY=x\n",
        /the value of AWS_ACCESS_KEY_ID is a placeholder/,
      ],
      [
        "a value encoded once more",
        `AWS_ACCESS_KEY_ID=${Buffer.from(CANARY_ID).toString("base64")}\nAWS_SECRET_ACCESS_KEY=x\n`,
        /AWS_ACCESS_KEY_ID is base64 once more/,
      ],
      [
        "a temporary key without its token",
        `AWS_ACCESS_KEY_ID=ASIA${CANARY_ID.slice(4)}\nAWS_SECRET_ACCESS_KEY=x\n`,
        /is a temporary key \(ASIA…\) and AWS_SESSION_TOKEN is missing/,
      ],
      [
        "a Google key for AWS",
        "AWS_ACCESS_KEY_ID=GOOG1EFIXTURE0000\nAWS_SECRET_ACCESS_KEY=x\nAWS_ENDPOINT_URL=https://s3.us-east-1.amazonaws.com\n",
        /is a Google HMAC key/,
      ],
    ])("%s", async (_, text, message) => {
      expectClear(await init(FROM, keys(text)), 2, message);
      await nothingWritten();
    });

    test("an env file that is not there, or a folder", async () => {
      expectClear(await init(["--from-env-file", "nope", "--yes"]), 2, /nope does not exist/);
      expectClear(await init(["--from-env-file", ".", "--yes"]), 2, /\. is a folder, not a file/);
    });

    test("no values and no terminal", async () => {
      expectClear(
        await init(["--yes", "--region", "us-east-1"]),
        2,
        /no values for AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and no terminal to ask on/,
      );
    });

    test("a closed standard input", async () => {
      expectClear(
        await init(["--from-stdin", "--region", "us-east-1", "--yes"]),
        2,
        /standard input holds no NAME=value line/,
      );
    });

    test("no --yes and no terminal: the plan, and a refusal", async () => {
      const run = await init(
        FROM.filter((word) => word !== "--yes"),
        keys(pair),
      );
      expectClear(
        run,
        2,
        /1\. create Secret production\/keys/,
        /refusing to change the cluster without being asked to\n {2}look at the plan above and add --yes/,
      );
      await nothingWritten();
    });

    test("no region, a bad region, a bad endpoint, two sources", async () => {
      expectClear(
        await init(["--from-env-file", "keys.env", "--yes"], keys(pair)),
        2,
        /the region of the bucket is not known/,
      );
      expectClear(
        await init([...FROM.slice(0, 2), "--region", "us east", "--yes"], keys(pair)),
        2,
        /"us east" is no name of a region/,
      );
      expectClear(
        await init([...FROM, "--endpoint", "minio:9000"], keys(pair)),
        2,
        /the endpoint is not an http or https URL/,
      );
      expectClear(
        await init([...FROM, "--endpoint", "https://user:pw@minio"], keys(pair)),
        2,
        /the endpoint holds a user name or a password/,
      );
      expectClear(await init([...FROM, "--from-stdin"], keys(pair)), 2, /exclude each other/);
    });

    test("a provider whose endpoint cannot be known", async () => {
      expectClear(
        await init(["--provider", "minio", "--from-env-file", "keys.env", "--yes"], keys(pair)),
        2,
        /--provider minio needs the store's address/,
      );
    });

    test("a user who may not write: nothing is changed, and the hint says what is needed", async () => {
      const rules = [
        { apiGroups: ["antfly.io"], resources: ["*"], verbs: ["get", "list"] },
        { apiGroups: [""], resources: ["secrets"], verbs: ["get"] },
      ];
      const token = await userWith(cluster, namespace, "reader", rules);
      const run = await runBin(["init", "secret", "search", ...FROM], {
        kubeconfig: cluster.kubeconfig({ namespace, token }),
        ...keys(pair),
      });
      expectClear(run, 2, /cannot create resource "secrets"/, /antfly-creds permissions CLUSTER --init --secret NAME/);
      await nothingWritten();
    });
  });
});

function interruptSoon(child: { kill(signal: "SIGINT"): boolean }): void {
  setTimeout(() => child.kill("SIGINT"), 1_000);
}
