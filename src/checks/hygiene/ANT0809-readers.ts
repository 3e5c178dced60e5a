import type { SecretReader } from "../../domain/secret-facts.ts";
import { edit, finding, safeCommand, type Evidence } from "../../domain/finding.ts";
import { GET_SECRETS, LIST_RBAC } from "../../domain/grants.ts";
import { sentenceList } from "../../domain/text.ts";
import { defineCheck } from "../define.ts";

/** Subjects that hold more or less everybody, and whom. */
const EVERYBODY: readonly [RegExp, string][] = [
  [/^Group system:authenticated$/, "everybody who can log in"],
  [/^(Group system:unauthenticated|User system:anonymous)$/, "everybody who reaches the API server"],
  [/^Group system:serviceaccounts$/, "every pod of the cluster"],
  [/^Group system:serviceaccounts:(.+)$/, "every pod of namespace $1"],
  [/^ServiceAccount (.+)\/default$/, "every pod of namespace $1 that names no ServiceAccount"],
];

export default defineCheck({
  code: "ANT0809",
  slug: "readers",
  title: "Few may read the Secrets",
  area: "hygiene",
  causes: ["k8s.over-broad-readers"],
  needs: ["secretReaders", "references"],
  after: ["ANT0201"],
  thorough: true,
  required: false,
  effect: "read",
  severity: "warning",
  grants: [GET_SECRETS, ...LIST_RBAC],
  run: ({ secretReaders = [] }, { target, mode }) => {
    if (secretReaders.length === 0)
      return mode === "files" ? { skip: "files do not show all who may read the Secrets" } : [];
    const { namespace } = target;
    const broad = secretReaders.filter(({ subject }) => everybody(subject) !== undefined);
    const told = broad.length > 0 ? broad : secretReaders;
    const secrets = [...new Set(told.flatMap((one) => one.secrets))];
    const what = `Secret${secrets.length === 1 ? "" : "s"} ${sentenceList(secrets)}`;
    const who = [...new Set(told.map(({ subject }) => subject))];
    const message =
      broad.length > 0
        ? `${sentenceList(who.map((one) => `${one} (${everybody(one)})`))} may read ${what}`
        : `${what} of namespace ${namespace} may be read by ${sentenceList(who)}`;
    return [
      finding(
        "k8s.over-broad-readers",
        broad.length > 0 ? "warning" : "info",
        { kind: "Namespace", name: namespace },
        message,
        {
          evidence: told.map(toEvidence),
          fixes: [
            safeCommand`kubectl get rolebindings,clusterrolebindings -n ${namespace} -o wide`,
            edit("bind a Role that may get the Secret by its name (resourceNames), to those who need it"),
          ],
        },
      ),
    ];
  },
});

function everybody(subject: string): string | undefined {
  const [pattern, whom] = EVERYBODY.find(([one]) => one.test(subject)) ?? [];
  return pattern === undefined || whom === undefined ? undefined : subject.replace(pattern, whom);
}

function toEvidence({ subject, binding, role, secrets }: SecretReader): Evidence {
  const has = `${binding.kind} ${binding.name} (${role}): ${secrets.join(", ")}`;
  return { label: subject, has, path: "/subjects", of: binding };
}
