import { ofTheCluster } from "../../domain/external-secrets.ts";
import type { ExternalSecretFacts } from "../../domain/external-secrets-facts.ts";
import type { FactKey } from "../../domain/facts.ts";

/** Where no ExternalSecret writes a Secret of the cluster there is nothing to ask; where they could not all be read, there may be. */
export const NOT_INVOLVED: { readonly skip: string; readonly unless: FactKey } = {
  skip: "no ExternalSecret writes a Secret of this cluster",
  unless: "externalSecrets",
};

/** Whether the answer matters to the cluster. */
export function isInvolved({
  externalSecrets = [],
}: {
  readonly externalSecrets?: readonly ExternalSecretFacts[] | undefined;
}): boolean {
  return ofTheCluster(externalSecrets).length > 0;
}
