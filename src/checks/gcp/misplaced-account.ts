import type { ClusterFacts } from "../../domain/facts.ts";
import type { PodFacts, ServiceAccountFacts } from "../../domain/workload-facts.ts";
import type { Ref } from "../../domain/finding.ts";
import { refOfCluster } from "../../domain/fixes.ts";
import { isAccountEmail } from "../../domain/gcp/account-form.ts";
import { GOOGLE_ANNOTATION } from "../../domain/gcp/workload-identity.ts";
import { editDistance, shortList } from "../../domain/text.ts";

/** A Google service account that is named where GKE does not look. */
export interface MisplacedAccount {
  readonly key: string;
  readonly value: string;
  /** Goes on after `stands`: `on the pods (c1-data-0)`. */
  readonly where: string;
  readonly subject: Ref;
  readonly ofAccount: boolean;
}

/** Under another key of the ServiceAccount, or under the right one of another object. */
export function misplacedAccount(
  { namespace, name, annotations }: ClusterFacts,
  account: ServiceAccountFacts,
  pods: readonly PodFacts[],
): MisplacedAccount | undefined {
  const key = Object.keys(account.annotations).find((one) => isAlias(one, account.annotations[one] ?? ""));
  if (key !== undefined) {
    const subject = { kind: "ServiceAccount", namespace, name: account.name };
    return { key, value: account.annotations[key] ?? "", where: `under ${key}`, subject, ofAccount: true };
  }
  const place = { key: GOOGLE_ANNOTATION, subject: refOfCluster({ namespace, name }), ofAccount: false };
  const onCluster = annotations[GOOGLE_ANNOTATION];
  if (onCluster !== undefined) return { ...place, value: onCluster, where: `on AntflyCluster ${name}` };
  const marked = pods.filter(({ identity }) => identity?.marks[GOOGLE_ANNOTATION] !== undefined);
  const value = marked[0]?.identity?.marks[GOOGLE_ANNOTATION];
  if (value === undefined) return undefined;
  return { ...place, value, where: `on the pods (${shortList(marked.map((pod) => pod.name))})` };
}

/** Spellings that people write for it, and the annotation of AWS with an account of Google's. */
function isAlias(key: string, value: string): boolean {
  if (key === GOOGLE_ANNOTATION) return false;
  const [domain = "", name = ""] = key.split("/");
  if (domain === "eks.amazonaws.com" || domain === "cloud.google.com") return isAccountEmail(value);
  const isGke = editDistance(domain, "iam.gke.io") <= 2 || domain.endsWith("gke.io") || domain.endsWith("google.com");
  const plain = name.toLowerCase().replace(/[-_.]/g, "");
  return (
    isGke && (/(service|gcp|google|gsa)\w*account|^gsa$/.test(plain) || editDistance(plain, "gcpserviceaccount") <= 3)
  );
}
