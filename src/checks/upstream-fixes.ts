import { makersOf, writeUpstream } from "../domain/external-secrets.ts";
import type { ExternalSecretFacts } from "../domain/external-secrets-facts.ts";
import type { ReferenceFacts } from "../domain/facts.ts";
import { edit, type Finding, type Fix } from "../domain/finding.ts";
import { valueOf } from "../domain/known.ts";

/** What writes into a Secret by hand. */
const BY_HAND = /^antfly-creds init secret .*--overwrite/;
const INTO = / --secret-name (\S+)/;

/** A Secret that an ExternalSecret writes is mended at the provider: what a person writes into it does not last. */
export function mendedUpstream(
  found: Finding,
  externalSecrets: readonly ExternalSecretFacts[],
  references: ReferenceFacts | undefined,
): Finding {
  const { subject, evidence, fixes } = found;
  const byHand = fixes.find(({ text }) => BY_HAND.test(text));
  if (byHand === undefined) return found;
  const secret = INTO.exec(byHand.text)?.[1] ?? (subject.kind === "Secret" ? subject.name : "");
  const [maker] = makersOf(externalSecrets, secret);
  const key = evidence.flatMap(({ path }) => /^\/data\/(.+)$/.exec(path ?? "")?.[1] ?? [])[0] ?? "the value";
  const instead = maker === undefined ? unseenMaker(secret, references) : writeUpstream(maker, key);
  if (instead.length === 0) return found;
  return { ...found, fixes: [...fixes.filter((fix) => fix !== byHand), ...instead] };
}

/** The Secret shows who owns it, where the ExternalSecret itself may not be read, or is yet to be made. */
function unseenMaker(secret: string, references: ReferenceFacts | undefined): Fix[] {
  const fact = references?.secrets[secret];
  const owner = fact === undefined ? undefined : valueOf(fact)?.owner;
  if (owner?.tool !== "External Secrets") return [];
  return [
    edit(
      `change what External Secrets writes into Secret ${secret} (${owner.evidence}): what is written by hand does not last`,
    ),
  ];
}
