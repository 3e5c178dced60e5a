import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { KubeClient } from "../kube-client.ts";

const MERGE = "application/merge-patch+json";

/** Where kubectl finds the kinds that the printed commands name. */
const PATHS: Readonly<Record<string, string>> = {
  externalsecret: "/apis/external-secrets.io/v1/namespaces/NS/externalsecrets",
  secret: "/api/v1/namespaces/NS/secrets",
  pod: "/api/v1/namespaces/NS/pods",
  serviceaccount: "/api/v1/namespaces/NS/serviceaccounts",
};

/**
 * Pastes a printed command of kubectl into a shell, and does what it came to: the words are those that the shell made of
 * it. The live lane has the real kubectl.
 */
export async function pasteKubectl(line: string, client: KubeClient): Promise<void> {
  const [, verb = "", kind = "", name = "", ...rest] = wordsOf(line);
  const namespace = rest[rest.indexOf("-n") + 1] ?? "";
  const list = (PATHS[kind] ?? "").replace("NS", namespace);
  const path = `${list}/${name}`;
  switch (verb) {
    case "annotate": {
      const pairs = rest.filter((word) => /^[^-].*=/.test(word)).map((word) => word.split(/=(.*)/s).slice(0, 2));
      const annotations = Object.fromEntries(pairs);
      await client.must("PATCH", path, { contentType: MERGE, body: { metadata: { annotations } } });
      return;
    }
    case "patch":
      await client.must("PATCH", path, { contentType: MERGE, body: JSON.parse(rest[rest.indexOf("-p") + 1] ?? "") });
      return;
    case "delete":
      await client.must("DELETE", path);
      return;
    case "create":
      await client.must("POST", list, {
        body: { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } },
      });
      return;
    default:
      throw new Error(`this test pastes no kubectl ${verb}: ${line}`);
  }
}

/** `kubectl` is a program that keeps what it is called with. */
function wordsOf(line: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), "antfly-creds-kubectl-"));
  try {
    const [program, kept] = [join(folder, "kubectl"), join(folder, "words")];
    writeFileSync(program, `#!/bin/sh\nprintf '%s\\0' kubectl "$@" > '${kept}'\n`);
    chmodSync(program, 0o755);
    execFileSync("sh", ["-c", line], { env: { PATH: `${folder}:${process.env["PATH"] ?? ""}` } });
    return readFileSync(kept, "utf8").split("\0").slice(0, -1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
