import type { InputFacts, PlainSecret } from "../../domain/facts.ts";
import { describeRef, edit, finding, safeCommand, type Finding } from "../../domain/finding.ts";
import { sentenceList } from "../../domain/text.ts";
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
    const secrets = inputs.plainSecrets.filter(hasRealValues);
    const found = [
      ...secrets.map((secret) => inManifest(secret, inputs)),
      ...inputs.envFiles.flatMap(({ file }) => envFile(file, inputs)),
    ];
    const held = secrets.length > 0 || inputs.envFiles.length > 0;
    if (inputs.tracked !== undefined || !held) return found;
    return { findings: found, undecided: ["whether Git keeps these files: git could not be run"] };
  },
});

/** Empty values, placeholders and what is put in later are no secrets. */
function hasRealValues({ keys }: PlainSecret): boolean {
  return keys.some(({ facts }) => facts.bytes > 0 && !facts.shape.includes("placeholder"));
}

function inManifest({ subject, file, keys, location }: PlainSecret, { tracked }: InputFacts): Finding {
  const kept = tracked?.includes(file) === true;
  const real = keys.filter(({ facts }) => facts.bytes > 0 && !facts.shape.includes("placeholder"));
  const names = sentenceList(real.map(({ key }) => key));
  const what = `${file} holds ${describeRef(subject)} in clear (${names})`;
  const message = kept ? `${what}, and Git keeps it` : `${what}; base64 hides nothing`;
  return {
    ...finding("k8s.secret-in-manifest", kept ? "critical" : "warning", subject, message, {
      evidence: real.map(({ key, field }) => ({
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

function envFile(file: string, { tracked }: InputFacts): Finding[] {
  if (tracked?.includes(file) !== true) return [];
  const message = `${file} holds values in clear, and Git keeps it`;
  return [finding("k8s.env-file-in-git", "critical", { kind: "File", name: file }, message, { fixes: outOfGit(file) })];
}

function outOfGit(file: string): Finding["fixes"] {
  return [
    edit("take a new key: this one is known to everybody who has the repository, and stays in its history"),
    safeCommand`git rm --cached -- ${file}`,
    ...instead(),
  ];
}

function instead(): Finding["fixes"] {
  return [
    edit("write the Secret with antfly-creds init secret, or encrypt it (SOPS, Sealed Secrets, External Secrets)"),
  ];
}
