import { WEAK_PROVIDERS } from "../../domain/at-rest.ts";
import type { EncryptionInput } from "../../domain/input-facts.ts";
import { edit, finding, type Finding } from "../../domain/finding.ts";
import { shell } from "../../domain/shell.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0813",
  slug: "encryption-configuration",
  title: "An EncryptionConfiguration among the files encrypts Secrets well",
  area: "hygiene",
  scopes: ["inputs"],
  causes: [
    "k8s.at-rest-file-refused",
    "k8s.at-rest-key-in-git",
    "k8s.at-rest-plaintext-first",
    "k8s.at-rest-weak-provider",
  ],
  needs: ["inputs"],
  required: false,
  effect: "read",
  severity: "error",
  grants: [],
  run: ({ inputs }) => {
    const configurations = inputs?.encryption ?? [];
    if (configurations.length === 0) return { skip: "no EncryptionConfiguration is among the files" };
    return configurations.flatMap((one) => [...refused(one), ...judge(one), ...inGit(one, inputs?.tracked ?? [])]);
  },
});

function refused({ file, refused: parts }: EncryptionInput): Finding[] {
  const subject = { kind: "File", name: file };
  return parts.map(({ what, location }) => ({
    ...finding("k8s.at-rest-file-refused", "error", subject, `kube-apiserver does not start with ${file}: it ${what}`),
    location,
  }));
}

/** Who has the repository has the key, and with a copy of etcd all that it has encrypted. */
function inGit({ file, location, holdsKey }: EncryptionInput, tracked: readonly string[]): Finding[] {
  if (!holdsKey || !tracked.includes(file)) return [];
  const message = `Git keeps ${file}, and its key can be read by anyone who gets the repository`;
  const fixes = [
    edit(`take it out of Git (${shell`git rm --cached -- ${file}`}), and keep it where you keep secrets`),
    edit(`then replace its key: ${shell`antfly-creds init encryption --rotate ${file}`} --write-to DIR`),
  ];
  return [
    { ...finding("k8s.at-rest-key-in-git", "error", { kind: "File", name: file }, message, { fixes }), location },
  ];
}

/** The first provider writes; the others only read what was written before (Kubernetes, "Encrypting Confidential Data at Rest"). */
function judge({ file, location, providers }: EncryptionInput): Finding[] {
  const [first] = providers;
  const subject = { kind: "File", name: file };
  const evidence = [{ label: "providers", want: "kms v2 first, or secretbox", has: providers.join(", ") || "none" }];
  const fixes = [
    edit("kms (v2) first, or secretbox where there is no KMS, and identity last while old Secrets are read"),
    edit("then write all Secrets anew: kubectl get secrets -A -o json | kubectl replace -f -"),
  ];
  if (first === undefined || first === "identity") {
    const why =
      first === undefined
        ? "it has no provider for them"
        : "the first provider is identity, and the first one is the one that writes";
    const message = `${file} lets Secrets be written as they are: ${why}`;
    return [{ ...finding("k8s.at-rest-plaintext-first", "error", subject, message, { evidence, fixes }), location }];
  }
  const weakness = WEAK_PROVIDERS[first];
  if (weakness === undefined) return [];
  const message = `${file} encrypts Secrets with ${first}, which ${weakness}`;
  return [{ ...finding("k8s.at-rest-weak-provider", "warning", subject, message, { evidence, fixes }), location }];
}
