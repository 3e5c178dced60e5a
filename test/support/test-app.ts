import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createFiles } from "../../src/adapters/files.ts";
import { connectAws } from "../../src/adapters/aws.ts";
import { connectGoogle } from "../../src/adapters/google.ts";
import { connectKube } from "../../src/adapters/kube.ts";
import { Redactor } from "../../src/domain/redact.ts";
import { PLAIN } from "../../src/domain/style.ts";
import type { App, Terminal } from "../../src/ports.ts";

/**
 * An App over the real adapters, with a terminal that keeps what is printed. AWS is asked when `env` has the endpoints of a
 * TestCloud.
 */
export interface TestApp extends App {
  readonly printed: { out: string; err: string };
}

export function testApp(
  kubeconfig: string,
  overrides: Partial<App> = {},
  env: Readonly<Record<string, string>> = { PATH: process.env["PATH"] ?? "" },
): TestApp {
  const redactor = new Redactor();
  const printed = { out: "", err: "" };
  const refuse = (): never => {
    throw new Error("this test has no terminal to ask on");
  };
  const terminal: Terminal = {
    out: (content) => (printed.out += redactor.text(content)),
    err: (text) => (printed.err += redactor.clean(text)),
    style: () => Promise.resolve(PLAIN),
    interactive: false,
    confirm: refuse,
    ask: refuse,
    askSecret: refuse,
    during: (_, work) => work(),
    readStdin: () => Promise.resolve(new Uint8Array()),
  };
  const signal = new AbortController().signal;
  return {
    printed,
    terminal,
    redactor,
    files: createFiles(tmpdir()),
    cwd: tmpdir(),
    version: "0.0.0",
    configuration: {
      named: undefined,
      userFile: undefined,
      noCloud: env["AWS_ENDPOINT_URL_STS"] === undefined && env["CLOUDSDK_API_ENDPOINT_OVERRIDES_IAM"] === undefined,
    },
    pages: "docs/checks",
    signal,
    now: () => new Date(),
    random: (bytes) => new Uint8Array(bytes).fill(7),
    spareMemory: () => {},
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    kube: async (selection) => {
      const folder = mkdtempSync(join(tmpdir(), "antfly-creds-app-"));
      try {
        writeFileSync(join(folder, "kubeconfig"), kubeconfig, { mode: 0o600 });
        return connectKube({ ...selection, kubeconfig: join(folder, "kubeconfig") }, { env, redactor, signal });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    awsProfile: refuse,
    aws: (selection) => connectAws(selection, { env, redactor, signal }),
    google: (selection) => connectGoogle(selection, { env, redactor, signal }),
    ...overrides,
  };
}
