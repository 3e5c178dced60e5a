import { forceSync } from "../../domain/external-secrets.ts";
import type { ExternalSecretFacts } from "../../domain/external-secrets-facts.ts";
import type { SecretFacts } from "../../domain/secret-facts.ts";
import { edit, finding, type Finding } from "../../domain/finding.ts";
import { sentenceList } from "../../domain/text.ts";

/** Field managers of the controller (ESO, `fqdnFor`); an older one wrote under the name of its program. */
const OF_THE_CONTROLLER = /^(externalsecrets\.external-secrets\.io\/|external-secrets$|controller$)/;

/** Keys that somebody else wrote, in a Secret that the ExternalSecret writes anew as a whole. */
export function editedByHand(one: ExternalSecretFacts, secret: SecretFacts): Finding[] {
  const subject = { kind: "Secret", namespace: one.namespace, name: one.target };
  if (one.creationPolicy === "Merge" || one.creationPolicy === "None") return [];
  if (secret.inFile && Object.values(secret.keys).some(({ unread }) => !unread)) {
    const message = `Secret ${one.target} stands in a file, and ExternalSecret ${one.name} writes it too: what the file says does not last`;
    return [
      finding("eso.manual-edit-reverted", "warning", subject, message, {
        evidence: [{ label: "written by", has: `ExternalSecret ${one.name}`, path: "/data" }],
        fixes: [edit(`remove the Secret from the files, and write its values at the provider`)],
      }),
    ];
  }
  const others = (secret.dataManagers ?? []).filter(({ manager }) => !OF_THE_CONTROLLER.test(manager));
  const [last] = [...others].sort((a, b) => (b.at ?? "").localeCompare(a.at ?? ""));
  const isMade = secret.owner?.tool === "External Secrets";
  if (last === undefined || !isMade || !others.some(({ keys }) => keys.length > 0)) return [];
  const keys = [...new Set(others.flatMap((other) => other.keys))];
  const message = `${last.manager} wrote ${sentenceList(keys)} of Secret ${one.target} by hand: ExternalSecret ${one.name} writes it anew at its next sync`;
  return [
    finding("eso.manual-edit-reverted", "warning", subject, message, {
      evidence: others.map(({ manager, at }) => ({
        label: "written by",
        has: at === undefined ? manager : `${manager} at ${at}`,
      })),
      fixes: [
        edit(`write the value at the provider (${one.data[0]?.remoteKey ?? one.name}), where it lasts`),
        forceSync(one),
      ],
    }),
  ];
}
