import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { connectAws } from "../../src/adapters/aws.ts";
import { Redactor } from "../../src/domain/redact.ts";
import type { Aws } from "../../src/ports.ts";
import type { TestCloud } from "./test-cloud.ts";

/**
 * Pastes a printed command of the AWS CLI into a shell, and does what it came to on this cloud: the words are those that
 * the shell made of it.
 */
export async function paste(line: string, cloud: TestCloud): Promise<void> {
  const [, service = "", command = "", ...rest] = wordsOf(line);
  const option = (name: string): string => rest[rest.indexOf(`--${name}`) + 1] ?? "";
  const aws = await connectAws(
    { timeoutMs: 5_000 },
    { env: cloud.env, redactor: new Redactor(), signal: new AbortController().signal },
  );
  const known: Record<string, () => Promise<unknown>> = {
    "iam update-assume-role-policy": () => aws.updateTrustPolicy(option("role-name"), option("policy-document")),
    "iam put-role-policy": () =>
      aws.putRolePolicy(option("role-name"), option("policy-name"), option("policy-document")),
    "iam create-open-id-connect-provider": () => aws.createOidcProvider(option("url"), [option("client-id-list")], {}),
    "iam add-client-id-to-open-id-connect-provider": () =>
      aws.addClientId(option("open-id-connect-provider-arn"), option("client-id")),
    "eks create-pod-identity-association": () => associate(aws, option),
    "eks delete-pod-identity-association": () =>
      aws.deletePodIdentityAssociation(option("cluster-name"), option("association-id")),
  };
  const run = known[`${service} ${command}`];
  if (run === undefined) throw new Error(`this test pastes no aws ${service} ${command}`);
  await run();
  aws.close();
}

function associate(aws: Aws, option: (name: string) => string): Promise<unknown> {
  return aws.createPodIdentityAssociation({
    cluster: option("cluster-name"),
    namespace: option("namespace"),
    serviceAccount: option("service-account"),
    roleArn: option("role-arn"),
    tags: {},
    requestToken: "pasted",
  });
}

/** `aws` is a program that keeps what it is called with. */
function wordsOf(line: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), "antfly-creds-paste-"));
  try {
    const [program, kept] = [join(folder, "aws"), join(folder, "words")];
    writeFileSync(program, `#!/bin/sh\nprintf '%s\\0' aws "$@" > '${kept}'\n`);
    chmodSync(program, 0o755);
    execFileSync("sh", ["-c", line], { env: { PATH: `${folder}:${process.env["PATH"] ?? ""}` } });
    return readFileSync(kept, "utf8").split("\0").slice(0, -1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
