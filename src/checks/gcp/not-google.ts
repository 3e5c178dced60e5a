import type { ServiceAccountFacts } from "../../domain/workload-facts.ts";
import { isAccountEmail } from "../../domain/gcp/account-form.ts";
import { isGoogleInPlay, type InPlay } from "../../domain/gcp/in-play.ts";
import { GOOGLE_ANNOTATION } from "../../domain/gcp/workload-identity.ts";

/** Why nothing is asked about an identity of Google's; undefined where something shows that the pods are to have one. */
export function notMeant(use: InPlay): { skip: string } | undefined {
  if (isGoogleInPlay(use)) return undefined;
  const { name = "default" } = use.serviceAccount ?? {};
  return {
    skip: `ServiceAccount ${name} has no annotation ${GOOGLE_ANNOTATION}, and the database reaches no bucket by Google's own API`,
  };
}

export const NOT_GKE = { skip: "the cluster is none of GKE" } as const;

/** Why nothing is asked about a Google service account: none is named, or a check before this one tells what is wrong. */
export function noAccount(account: ServiceAccountFacts | undefined): { skip: string } | { waits: string } | undefined {
  if (account === undefined) return { waits: "the pods' ServiceAccount does not exist" };
  if (account.gcpAccount === undefined)
    return { skip: `ServiceAccount ${account.name} names no Google service account: Google sees it itself` };
  return isAccountEmail(account.gcpAccount)
    ? undefined
    : { waits: `what ServiceAccount ${account.name} names is no address of a Google service account; ANT0402 tells` };
}
