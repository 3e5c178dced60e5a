import {
  buildPodIdentityTrust,
  buildTrustPolicy,
  podIdentityStatement,
  type WantedPodIdentity,
  type WantedTrust,
} from "../domain/iam/trust/build-trust-policy.ts";
import { addStatement, applyOperations } from "../domain/iam/trust/edit-document.ts";
import { judgeTrustPolicy } from "../domain/iam/trust/judge-trust-policy.ts";
import { mergeTrustPolicy } from "../domain/iam/trust/merge-trust-policy.ts";
import { readTrustPolicy } from "../domain/iam/trust/read-trust-policy.ts";
import type { TrustDocument } from "../domain/iam/trust/trust-document.ts";
import type { TrustRequest } from "../domain/iam/trust/trust-types.ts";

/** Whom the role is to trust, and by which mechanism. */
export type RoleTrust =
  | { readonly mechanism: "irsa"; readonly wanted: WantedTrust }
  | { readonly mechanism: "pod-identity"; readonly wanted: WantedPodIdentity & { readonly partition: string } };

/** The whole trust policy as JSON text, or why none that trusts the ServiceAccount can be made of what is there. */
export type TrustText = { readonly text: string } | { readonly problem: string };

/**
 * The trust policy that a role is to have: a new one, or the existing one with the least that is missing. Whom it trusts
 * besides stays trusted.
 */
export function trustPolicyFor(trust: RoleTrust, existing: string | undefined): TrustText {
  if (existing === undefined) {
    const made = trust.mechanism === "irsa" ? buildTrustPolicy(trust.wanted) : buildPodIdentityTrust(trust.wanted);
    return checked(made, trust);
  }
  const reading = readTrustPolicy(existing);
  if ("problem" in reading) return { problem: `its trust policy ${reading.problem}` };
  const { document } = reading;
  if (decisionOn(document, trust).decision === "allow") return { text: existing };
  return checked(
    trust.mechanism === "irsa"
      ? mergeTrustPolicy(document, trust.wanted).document
      : applyOperations(document.value, [addStatement(document.value, podIdentityStatement(trust.wanted))]),
    trust,
  );
}

/** What is added does not help where a Deny stands, or the policy gets too long for a role. */
function checked(policy: unknown, trust: RoleTrust): TrustText {
  const text = JSON.stringify(policy);
  const reading = readTrustPolicy(text);
  if ("problem" in reading) return { problem: `its trust policy ${reading.problem}` };
  const { decision, findings } = decisionOn(reading.document, trust);
  const tooLong = findings.find(({ cause, severity }) => cause === "irsa.trust-size" && severity === "error");
  if (tooLong !== undefined) return { problem: tooLong.message };
  if (decision === "allow") return { text };
  return { problem: findings[0]?.message ?? "whether it trusts the ServiceAccount cannot be told" };
}

function decisionOn(document: TrustDocument, trust: RoleTrust): ReturnType<typeof judgeTrustPolicy> {
  return judgeTrustPolicy(document, requestOf(trust));
}

function requestOf(trust: RoleTrust): TrustRequest {
  const { account, partition } = trust.wanted;
  const common = { withoutClaims: [], account, partition };
  if (trust.mechanism === "irsa") {
    const { issuer, audience, subjects } = trust.wanted;
    return { ...common, mechanism: "irsa", issuer, subject: subjects[0], claims: { aud: audience } };
  }
  const { subject, clusterArn } = trust.wanted;
  const claims: Record<string, string> =
    clusterArn === undefined ? {} : { "aws:RequestTag/eks-cluster-arn": clusterArn, "aws:SourceArn": clusterArn };
  return { ...common, mechanism: "pod-identity", issuer: undefined, subject, claims };
}
