import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { spawn, type IPty } from "@lydell/node-pty";
import { afterEach, beforeEach, expect, test } from "vitest";

import { antflyCluster, create, secret, secretRef } from "../support/antfly.ts";
import { CANARY_ID, CANARY_SECRET, CANARY_SECRET_2, expectNoCanary } from "../support/canaries.ts";
import { crdsOf } from "../support/crds/crds.ts";
import { startKubeServer, type InProcessCluster } from "../support/kube-server/index.ts";
import { BIN } from "../support/run-bin.ts";

const NS = "production";
const SECRET = `/api/v1/namespaces/${NS}/secrets/keys`;

let cluster: InProcessCluster;
let home: string;

beforeEach(async () => {
  cluster = await startKubeServer({ controllers: false, objects: crdsOf(2) });
  await cluster.admin.must("POST", "/api/v1/namespaces", {
    body: { apiVersion: "v1", kind: "Namespace", metadata: { name: NS } },
  });
  await create(cluster.admin, antflyCluster(NS, "c1", [secretRef("keys")]));
  home = mkdtempSync(join(tmpdir(), "antfly-creds-pty-"));
  writeFileSync(join(home, "kubeconfig"), cluster.kubeconfig({ namespace: NS }), { mode: 0o600 });
});
afterEach(async () => {
  rmSync(home, { recursive: true, force: true });
  await cluster.stop();
});

/** A terminal with a person before it: waits for a text to appear, then types. */
class Person {
  screen = "";
  readonly #pty: IPty;
  readonly exit: Promise<number>;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const base = {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      KUBECONFIG: join(home, "kubeconfig"),
      TERM: "xterm",
      LANG: "C.UTF-8",
    };
    this.#pty = spawn(process.execPath, [BIN, ...args], { cols: 120, rows: 40, cwd: home, env: { ...base, ...env } });
    this.#pty.onData((data) => (this.screen += data));
    this.exit = new Promise((resolve) => this.#pty.onExit(({ exitCode }) => resolve(exitCode)));
  }

  async sees(text: string): Promise<void> {
    await expect.poll(() => this.screen, { timeout: 15_000 }).toContain(text);
  }

  types(text: string): void {
    this.#pty.write(text);
  }
}

test("init secret asks for what it needs, shows no secret, and does it when told to", async () => {
  const person = new Person(["init", "secret", "--wait", "0s"]);
  await person.sees("AWS_ACCESS_KEY_ID (not shown)");
  person.types(`${CANARY_ID}\r`);
  await person.sees("AWS_SECRET_ACCESS_KEY (not shown)");
  person.types(`${CANARY_SECRET}\r`);
  await person.sees("Region of the bucket");
  person.types("\r");
  await person.sees("Apply this?");
  person.types("y");
  expect(await person.exit).toBe(0);
  expectNoCanary(person.screen, "the terminal");
  const { body } = await cluster.admin.get(SECRET);
  expect(Buffer.from(body.data.AWS_SECRET_ACCESS_KEY, "base64").toString()).toBe(CANARY_SECRET);
  expect(Buffer.from(body.data.AWS_ENDPOINT_URL, "base64").toString()).toBe("https://s3.us-east-1.amazonaws.com");
});

test("init secret --overwrite that is brought nothing asks for all of it anew, and derives the endpoint again", async () => {
  await create(
    cluster.admin,
    secret(NS, "keys", {
      AWS_ACCESS_KEY_ID: CANARY_ID,
      AWS_SECRET_ACCESS_KEY: `${CANARY_SECRET_2}\n`,
      AWS_REGION: "eu-central-1",
      AWS_ENDPOINT_URL: "https://acme-backups.s3.eu-central-1.amazonaws.com",
    }),
  );
  const person = new Person(["init", "secret", "--overwrite", "--wait", "0s"]);
  await person.sees("AWS_ACCESS_KEY_ID (not shown)");
  person.types(`${CANARY_ID}\r`);
  await person.sees("AWS_SECRET_ACCESS_KEY (not shown)");
  person.types(`${CANARY_SECRET}\r`);
  await person.sees("Region of the bucket");
  person.types("\r");
  await person.sees("Apply this?");
  person.types("y");
  expect(await person.exit).toBe(0);
  expectNoCanary(person.screen, "the terminal");
  const { data } = (await cluster.admin.get(SECRET)).body;
  const values = Object.entries<string>(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]);
  expect(Object.fromEntries(values)).toEqual({
    AWS_ACCESS_KEY_ID: CANARY_ID,
    AWS_SECRET_ACCESS_KEY: CANARY_SECRET,
    AWS_REGION: "eu-central-1",
    AWS_ENDPOINT_URL: "https://s3.eu-central-1.amazonaws.com",
  });
});

test("no is no", async () => {
  writeFileSync(join(home, "keys.env"), `AWS_ACCESS_KEY_ID=${CANARY_ID}\nAWS_SECRET_ACCESS_KEY=${CANARY_SECRET}\n`);
  const person = new Person(["init", "secret", "--from-env-file", "keys.env", "--region", "us-east-1"]);
  await person.sees("Apply this?");
  person.types("n");
  expect(await person.exit).toBe(2);
  expect(person.screen).toContain("nothing was changed");
  expect((await cluster.admin.get(SECRET)).status).toBe(404);
});

test("Ctrl-C in a prompt: nothing is changed, exit 130", async () => {
  const person = new Person(["init", "secret"]);
  await person.sees("AWS_ACCESS_KEY_ID (not shown)");
  person.types(`${CANARY_SECRET}\u0003`);
  expect(await person.exit).toBe(130);
  expectNoCanary(person.screen, "the terminal");
  expect(person.screen).toContain("interrupted; nothing was changed");
  expect((await cluster.admin.get(SECRET)).status).toBe(404);
});

test("colours on a terminal, and none when told", async () => {
  const coloured = new Person(["doctor"]);
  expect(await coloured.exit).toBe(3);
  expect(coloured.screen).toContain("\u001b[31m✗");
  for (const [args, env] of [
    [["--no-color"], {}],
    [[], { NO_COLOR: "1" }],
    [[], { TERM: "dumb" }],
  ] as const) {
    const plain = new Person(["doctor", ...args], env);
    await plain.exit;
    expect(plain.screen).not.toContain("\u001b[3");
  }
});
