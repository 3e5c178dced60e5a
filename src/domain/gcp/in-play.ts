import type { ServiceAccountFacts } from "../workload-facts.ts";
import type { GoogleAim } from "../google-facts.ts";

/** What shows whether the pods are to have an identity of Google's; undefined where it is not known. */
export interface InPlay {
  readonly serviceAccount: ServiceAccountFacts | undefined;
  readonly googleAims: readonly GoogleAim[] | undefined;
}

/**
 * Whether anything points to Google: an annotation of GKE's on the ServiceAccount, misspelt or not, or a bucket that is
 * reached by Google's own API without a key of its own.
 */
export function isGoogleInPlay({ serviceAccount, googleAims = [] }: InPlay): boolean {
  const annotations = Object.keys(serviceAccount?.annotations ?? {});
  return (
    annotations.some((key) => key.startsWith("iam.gke.io/")) || googleAims.some(({ source }) => source === "default")
  );
}
