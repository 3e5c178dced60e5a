import type { ReferenceFacts } from "../../domain/facts.ts";
import type { Reader } from "../../ports.ts";

/**
 * Names of the cluster's Secrets that External Secrets may have to do with: those that it has made, those that are not
 * there, and, where files hold an ExternalSecret, all of them.
 */
export function involvedSecrets({ secrets }: ReferenceFacts, reader: Pick<Reader, "holdsInFiles">): string[] {
  const all = reader.holdsInFiles("ExternalSecret");
  return Object.entries(secrets).flatMap(([name, fact]) => {
    const isMade = fact.state === "known" && fact.value.owner?.tool === "External Secrets";
    return all || isMade || fact.state === "absent" ? [name] : [];
  });
}

export function mayBeInvolved(references: ReferenceFacts, reader: Pick<Reader, "holdsInFiles">): boolean {
  return involvedSecrets(references, reader).length > 0;
}
