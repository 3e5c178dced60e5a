import { makersOf, writeUpstream } from "../domain/external-secrets.ts";
import type { ExternalSecretFacts } from "../domain/external-secrets-facts.ts";
import type { Finding } from "../domain/finding.ts";

/** What writes into a Secret by hand. */
const BY_HAND = /^antfly-creds init secret .*--overwrite/;

/** A Secret that an ExternalSecret writes is mended at the provider: what a person writes into it does not last. */
export function mendedUpstream(found: Finding, externalSecrets: readonly ExternalSecretFacts[]): Finding {
  const { subject, evidence, fixes } = found;
  const [maker] = subject.kind === "Secret" ? makersOf(externalSecrets, subject.name) : [];
  if (maker === undefined || !fixes.some(({ text }) => BY_HAND.test(text))) return found;
  const key = evidence.flatMap(({ path }) => /^\/data\/(.+)$/.exec(path ?? "")?.[1] ?? [])[0] ?? "the value";
  return { ...found, fixes: [...fixes.filter(({ text }) => !BY_HAND.test(text)), ...writeUpstream(maker, key)] };
}
