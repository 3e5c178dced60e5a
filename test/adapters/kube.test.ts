import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";

import { selectKubeconfig } from "../../src/adapters/kubeconfig.ts";
import { CONFIG_MAP, POD } from "../../src/domain/resources.ts";
import { KubeError, type Kube } from "../../src/ports.ts";
import { startKubeServer, type InProcessCluster } from "../support/kube-server/index.ts";
import { testApp } from "../support/test-app.ts";
import { userWith } from "../support/test-cluster.ts";

describe("the Kubernetes port", () => {
  let cluster: InProcessCluster;
  let kube: Kube;

  beforeEach(async () => {
    cluster = await startKubeServer({ controllers: false });
    kube = await testApp(cluster.kubeconfig()).kube({ timeoutMs: 5_000 });
    cluster.calls.length = 0;
  });
  afterEach(async () => {
    await kube.close();
    await cluster.stop();
  });

  test("calls one after another share a connection, calls at once open no more than they are", async () => {
    for (let i = 0; i < 10; i++) await kube.version();
    // One, and a second where the first was still being closed when the next call came.
    expect(cluster.connections()).toBeLessThanOrEqual(2);
    await Promise.all(Array.from({ length: 8 }, () => kube.version()));
    expect(cluster.connections()).toBeLessThanOrEqual(9);
    expect(kube.calls()).toBe(18);
  });

  test("a long list is read in pages", async () => {
    cluster.seed(
      Array.from({ length: 1_201 }, (_, i) => ({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: `c-${i}`, namespace: "default" },
      })),
    );
    const list = await kube.list(CONFIG_MAP, "default");
    expect(list).toHaveLength(1_202);
    expect(cluster.calls.map((call) => call.verb)).toEqual(["list", "list", "list"]);
  });

  test("a refusal is not repeated, a throttled call is, after the time that the server asks for", async () => {
    cluster.faults.add({ times: 1, fault: { kind: "status", code: 403, reason: "Forbidden", message: "no" } });
    await expect(kube.list(POD, "default")).rejects.toMatchObject({ failure: "forbidden" });
    expect(cluster.calls).toHaveLength(1);
    cluster.faults.add({
      times: 1,
      fault: { kind: "status", code: 429, reason: "TooManyRequests", message: "slow", retryAfter: 1 },
    });
    const start = performance.now();
    await kube.list(POD, "default");
    expect(performance.now() - start).toBeGreaterThan(1_000);
    expect(cluster.calls).toHaveLength(3);
  });

  test("a token that an exec plugin prints is used, is told what it may want to know, and is never printed", async () => {
    const token = await userWith(cluster, "default", "plugged", []);
    const script = `test -n "$KUBERNETES_EXEC_INFO" && echo '${JSON.stringify({
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      status: { token },
    })}'`;
    const config = parse(cluster.kubeconfig());
    config.users[0].user = { exec: { command: "sh", args: ["-c", script] } };
    const app = testApp(stringify(config));
    const plugged = await app.kube({ timeoutMs: 5_000 });
    await Promise.all([plugged.rules("default"), plugged.rules("default")]);
    expect(new Set(cluster.calls.slice(-2).map((call) => call.user))).toEqual(
      new Set(["system:serviceaccount:default:plugged"]),
    );
    app.terminal.out(`the token is ${token}`);
    expect(app.printed.out).toBe("the token is [secret]");
    await plugged.close();
  });

  test("HTTPS_PROXY is used, NO_PROXY is not proxied", async () => {
    const seen: string[] = [];
    const proxy = createServer().on("connect", (request, socket) => {
      seen.push(request.url ?? "");
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const { port } = proxy.address() as AddressInfo;
    const connect = (env: Readonly<Record<string, string>>): Promise<Kube> =>
      testApp(cluster.kubeconfig(), {}, env).kube({ timeoutMs: 2_000 });
    const env = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
    const proxied = await connect(env);
    await expect(proxied.version()).rejects.toBeInstanceOf(KubeError);
    expect(seen[0]).toBe(new URL(cluster.url).host);
    const direct = await connect({ ...env, NO_PROXY: "127.0.0.1" });
    expect((await direct.version()).minor).toBe(36);
    await Promise.all([proxied.close(), direct.close(), new Promise((resolve) => proxy.close(resolve))]);
  });

  test("a write is never repeated by itself", async () => {
    cluster.faults.add({ fault: { kind: "status", code: 503, message: "later" } });
    const write = kube.createSecret("default", "x", { data: {}, labels: {}, annotations: {} }, { dryRun: false });
    await expect(write).rejects.toBeInstanceOf(KubeError);
    expect(cluster.calls).toHaveLength(1);
  });
});

describe("kubeconfig files", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "antfly-creds-config-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, context: string, server: string, user: object = {}): string => {
    const file = join(folder, name);
    const config = {
      "current-context": context,
      clusters: [{ name: "c", cluster: { server } }],
      users: [{ name: "u", user }],
      contexts: [{ name: context, context: { cluster: "c", user: "u", namespace: "ns" } }],
    };
    writeFileSync(file, JSON.stringify(config));
    return file;
  };

  test("several are merged as kubectl does: the first mention wins, a missing file is passed over", () => {
    const first = write("a", "one", "https://one.example");
    const second = write("b", "two", "https://two.example");
    const env = { KUBECONFIG: [join(folder, "missing"), first, second].join(delimiter) };
    const chosen = selectKubeconfig({}, env);
    expect([chosen.context.name, chosen.server]).toEqual(["one", "https://one.example"]);
    // The second file's cluster has the same name as the first one's, which wins.
    expect(selectKubeconfig({ context: "two" }, env).server).toBe("https://one.example");
  });

  test("tokenFile is read, though client-node looks for another name", async () => {
    writeFileSync(join(folder, "token"), "from-the-file");
    const file = write("a", "one", "https://one.example", { tokenFile: "token" });
    const options: { headers?: Record<string, string> } = {};
    await selectKubeconfig({ kubeconfig: file }, {}).config.applyToHTTPSOptions(options);
    expect(options.headers?.["Authorization"]).toBe("Bearer from-the-file");
    const absolute = write("b", "one", "https://one.example", { tokenFile: join(folder, "token") });
    await selectKubeconfig({ kubeconfig: absolute }, {}).config.applyToHTTPSOptions(options);
    expect(options.headers?.["Authorization"]).toBe("Bearer from-the-file");
  });

  test("an impersonated group is kept, several are refused", () => {
    const one = write("a", "one", "https://one.example", { as: "jane", "as-groups": ["admins"] });
    expect(selectKubeconfig({ kubeconfig: one }, {}).impersonateGroup).toBe("admins");
    const two = write("b", "one", "https://one.example", { as: "jane", "as-groups": ["a", "b"] });
    expect(() => selectKubeconfig({ kubeconfig: two }, {})).toThrow("impersonates several groups");
  });
});
