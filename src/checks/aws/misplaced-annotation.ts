import type { ClusterFacts } from "../../domain/facts.ts";
import type { PodFacts, ServiceAccountFacts } from "../../domain/workload-facts.ts";
import type { Ref } from "../../domain/finding.ts";
import { refOfCluster } from "../../domain/fixes.ts";
import { shortList } from "../../domain/text.ts";

export const ROLE_ANNOTATION = "eks.amazonaws.com/role-arn";

/** A role that stands where nobody looks for it. */
export interface Misplaced {
  readonly key: string;
  readonly value: string;
  /** Goes on after `stands`: `on pod antfly-0`. */
  readonly where: string;
  readonly subject: Ref;
}

/** Under another key of the ServiceAccount, or under the right one of another object. */
export function misplacedRole(
  { namespace, name, annotations }: ClusterFacts,
  account: ServiceAccountFacts | undefined,
  pods: readonly PodFacts[],
): (Misplaced & { readonly ofAccount: boolean }) | undefined {
  const key = Object.keys(account?.annotations ?? {}).find(isAlias);
  if (account !== undefined && key !== undefined) {
    const subject = { kind: "ServiceAccount", namespace, name: account.name };
    return { key, value: account.annotations[key] ?? "", where: `under ${key}`, subject, ofAccount: true };
  }
  const onCluster = annotations[ROLE_ANNOTATION];
  if (onCluster !== undefined) {
    const subject = refOfCluster({ namespace, name });
    return { key: ROLE_ANNOTATION, value: onCluster, where: `on AntflyCluster ${name}`, subject, ofAccount: false };
  }
  const marked = pods.filter(({ identity }) => identity?.marks[ROLE_ANNOTATION] !== undefined);
  const value = marked[0]?.identity?.marks[ROLE_ANNOTATION];
  if (value === undefined) return undefined;
  const where = `on the pods (${shortList(marked.map((pod) => pod.name))})`;
  return { key: ROLE_ANNOTATION, value, where, subject: refOfCluster({ namespace, name }), ofAccount: false };
}

/** Spellings that people write for it, and the key of kube2iam. */
function isAlias(key: string): boolean {
  if (key === ROLE_ANNOTATION) return false;
  const [domain = "", name = ""] = key.split("/");
  const plain = name.toLowerCase().replace(/[-_.]/g, "");
  return domain.endsWith("amazonaws.com") && ["rolearn", "role", "iamrole", "iamrolearn"].includes(plain);
}
