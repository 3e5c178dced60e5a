import type { Lookup } from "./request-context.ts";
import { absent, commonKey, otherKey, unknown, type KnownRequest } from "./web-identity-keys.ts";

/** Session tags that EKS Pod Identity adds (EKS User Guide, "List of session tags added by EKS Pod Identity"). */
export const SESSION_TAGS = [
  "eks-cluster-arn",
  "eks-cluster-name",
  "kubernetes-namespace",
  "kubernetes-pod-name",
  "kubernetes-pod-uid",
  "kubernetes-service-account",
] as const;

const TAG = "aws:requesttag/";

/**
 * What EKS Pod Identity's AssumeRole has for a key, in small letters, that was not given. Where every tag was said to be
 * missing (an association that disables session tags) there are no tag keys either.
 */
export function podIdentityKey(key: string, known: KnownRequest): Lookup {
  const { request, account } = known;
  const off = tagsAreOff(request.withoutClaims);
  if (key === "aws:tagkeys" || key === "sts:transitivetagkeys") {
    if (off) return absent("the association disables session tags");
    return { state: "values", values: SESSION_TAGS, several: true };
  }
  if (key.startsWith(TAG)) {
    const tag = key.slice(TAG.length);
    if (!(SESSION_TAGS as readonly string[]).includes(tag)) return absent("EKS Pod Identity sets no such tag");
    if (off) return absent("the association disables session tags");
    return tagOf(tag, known);
  }
  if (key === "aws:sourceaccount")
    return account === undefined ? present("the account is not known") : { state: "values", values: [account] };
  if (key === "aws:sourcearn") return clusterArn(known);
  if (key === "aws:principalisawsservice") return { state: "values", values: ["true"] };
  if (key === "aws:principalservicename") return { state: "values", values: ["pods.eks.amazonaws.com"] };
  if (/^aws:(principal(account|arn|orgid|orgpaths|tag\/.*)|username|multifactorauth(age|present))$/.test(key))
    return absent("the caller is a service of AWS");
  if (key === "sts:externalid") return unknown("only an association with a target role has one");
  return commonKey(key, known) ?? otherKey(key);
}

function tagsAreOff(withoutClaims: readonly string[]): boolean {
  const without = new Set(withoutClaims.map((name) => name.toLowerCase()));
  return SESSION_TAGS.every((tag) => without.has(`${TAG}${tag}`));
}

function tagOf(tag: string, known: KnownRequest): Lookup {
  const { subject } = known;
  // arn:aws:eks:REGION:ACCOUNT:cluster/NAME
  if (tag === "eks-cluster-name") {
    const arn = clusterArn(known);
    return arn.state === "values"
      ? { ...arn, values: arn.values.map((one) => one.replace(/^.*:cluster\//s, "")) }
      : arn;
  }
  if (tag === "eks-cluster-arn") return clusterArn(known);
  if (subject !== undefined && tag === "kubernetes-namespace") return { state: "values", values: [subject.namespace] };
  if (subject !== undefined && tag === "kubernetes-service-account")
    return { state: "values", values: [subject.serviceAccount] };
  return present("the cluster and the pod were not given");
}

/** `aws:SourceArn` is the cluster's ARN, which is also a tag; either tells the other. */
function clusterArn({ request }: KnownRequest): Lookup {
  const names = new Set([`${TAG}eks-cluster-arn`, "aws:sourcearn"]);
  const given = Object.entries(request.claims).find(([name]) => names.has(name.toLowerCase()))?.[1];
  if (given === undefined) return present("the cluster was not given");
  return { state: "values", values: typeof given === "string" ? [given] : given };
}

function present(because: string): Lookup {
  return { state: "present", because };
}
