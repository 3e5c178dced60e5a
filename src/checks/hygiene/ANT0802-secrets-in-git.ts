import type { InputFacts, PlainSecret } from "../../domain/input-facts.ts";
import { describeRef, edit, finding, type Finding } from "../../domain/finding.ts";
import { STANDARD_INPUT } from "../../domain/inputs.ts";
import { shell } from "../../domain/shell.ts";
import { sentenceList } from "../../domain/text.ts";
import { isSecretOfSecret } from "../../domain/values/secret-names.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0802",
  slug: "secrets-in-git",
  title: "No secret lies in the files in clear, and none in Git",
  area: "hygiene",
  scopes: ["inputs"],
  causes: ["k8s.env-file-in-git", "k8s.secret-in-manifest"],
  needs: ["inputs"],
  required: true,
  effect: "read",
  severity: "critical",
  grants: [],
  run: ({ inputs }) => {
    if (inputs === undefined) return [];
    // What comes through a pipe lies nowhere.
    const secrets = inputs.plainSecrets.filter((one) => one.file !== STANDARD_INPUT && secretKeys(one).length > 0);
    const envFiles = inputs.envFiles.filter((one) => one.file !== STANDARD_INPUT && one.secrets.length > 0);
    const found = [
      ...secrets.map((secret) => inManifest(secret, inputs)),
      ...envFiles.flatMap((one) => envFile(one, inputs)),
    ];
    const held = secrets.length > 0 || envFiles.length > 0;
    if (inputs.tracked !== undefined || !held) return found;
    return { findings: found, undecided: ["whether Git keeps these files: git could not be run"] };
  },
});

function secretKeys({ keys }: PlainSecret): PlainSecret["keys"] {
  return keys.filter(({ key, facts }) => isSecretOfSecret(key, facts));
}

function inManifest(secret: PlainSecret, { tracked }: InputFacts): Finding {
  const { subject, file, location } = secret;
  const kept = tracked?.includes(file) === true;
  const held = secretKeys(secret);
  const what = `${file} holds ${describeRef(subject)} in clear (${sentenceList(held.map(({ key }) => key))})`;
  const encoded = held.some(({ field }) => field === "data");
  const message = kept ? `${what}, and Git keeps it` : encoded ? `${what}: base64 hides nothing` : what;
  return {
    ...finding("k8s.secret-in-manifest", kept ? "critical" : "warning", subject, message, {
      evidence: held.map(({ key, field }) => ({
        label: key,
        want: "encrypted, or not in a file",
        has: `in clear under ${field}`,
        path: `/${field}/${key}`,
      })),
      fixes: kept ? outOfGit(file) : instead(),
    }),
    location,
  };
}

function envFile({ file, secrets }: InputFacts["envFiles"][number], { tracked }: InputFacts): Finding[] {
  if (tracked?.includes(file) !== true) return [];
  const message = `${file} holds secrets in clear (${sentenceList(secrets)}), and Git keeps it`;
  return [
    finding("k8s.env-file-in-git", "critical", { kind: "File", name: file }, message, {
      evidence: secrets.map((name) => ({
        label: name,
        want: "not in Git",
        has: "a value in clear",
        path: `/data/${name}`,
      })),
      fixes: outOfGit(file),
    }),
  ];
}

function outOfGit(file: string): Finding["fixes"] {
  return [
    edit("take a new key: this one is known to everybody who has the repository, and stays in its history"),
    edit(shell`git rm --cached -- ${file}`),
    ...instead(),
  ];
}

function instead(): Finding["fixes"] {
  return [
    edit("write the Secret with antfly-creds init secret, or encrypt it (SOPS, Sealed Secrets, External Secrets)"),
  ];
}
