import type { ExternalSecretFacts } from "../../domain/external-secrets-facts.ts";
import type { ReferenceFacts } from "../../domain/facts.ts";
import { LIST_EXTERNAL_SECRETS } from "../../domain/external-secrets-grants.ts";
import { known, valueOf, type Origin } from "../../domain/known.ts";
import { EXTERNAL_SECRET } from "../../domain/resources.ts";
import { nearest } from "../../domain/text.ts";
import { KubeError } from "../../ports.ts";
import { defineCollector, toKnown } from "../collector.ts";
import { parseExternalSecret } from "../objects/external-secret.ts";
import { inServedVersion } from "./api.ts";
import { involvedSecrets } from "./involved.ts";

const ORIGIN: Origin = { via: "kube", ref: "ExternalSecrets" };

/** The ExternalSecrets of the cluster's Secrets. */
export const externalSecretsCollector = defineCollector({
  gives: "externalSecrets",
  needs: ["references"],
  wants: ["externalSecretsApi"],
  collect: ({ references }, { reader, namespace }, { externalSecretsApi }) => {
    const names = involvedSecrets(references, reader);
    const isInstalled = (externalSecretsApi && valueOf(externalSecretsApi)?.versions.length) !== 0;
    if (names.length === 0 || !(isInstalled || reader.holdsInFiles(EXTERNAL_SECRET.kind)))
      return Promise.resolve(known([], ORIGIN));
    return toKnown(ORIGIN.ref, LIST_EXTERNAL_SECRETS, async () => {
      const type = inServedVersion(EXTERNAL_SECRET, externalSecretsApi && valueOf(externalSecretsApi));
      const list = await reader.list(type, namespace).catch(noneInFiles);
      const all = list.map(parseExternalSecret).filter((one) => one !== undefined);
      return known(
        all.flatMap((one) => withWanted(one, names, references)),
        ORIGIN,
      );
    });
  },
});

/** Files that hold no ExternalSecret say that there is none to judge. */
export function noneInFiles(error: unknown): [] {
  if (error instanceof KubeError && error.failure === "not-given") return [];
  throw error;
}

/** Those that write one of the Secrets, and those that write one whose name is nearly that of a missing one. */
function withWanted(
  found: Omit<ExternalSecretFacts, "wanted">,
  names: readonly string[],
  { secrets }: ReferenceFacts,
): ExternalSecretFacts[] {
  if (names.includes(found.target)) return [{ ...found, wanted: found.target }];
  const missing = names.filter((name) => secrets[name]?.state === "absent");
  const near = nearest(found.target, missing);
  return near === undefined || found.target in secrets ? [] : [{ ...found, wanted: near }];
}
