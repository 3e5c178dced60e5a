import { high, low, medium, type Symptom } from "./symptom.ts";
import { theRole } from "./words.ts";

/** What IAM says when a policy or a key is written, and quotas (failure catalogue, sections 4.3 and 8.1). */
export const IAM: readonly Symptom[] = [
  {
    topic: "rotation",
    seen: /Throttling\w{0,12}: Rate exceeded|\(Throttling\w{0,12}\).{0,120}Rate exceeded|<Code>Throttling<\/Code>/i,
    means: [
      low("irsa.rate", "AWS asks for fewer requests: many pods refreshed their credentials at once, or a tool polls."),
    ],
  },
  {
    topic: "rotation",
    seen: /AccessKeysPerUser/i,
    means: [high("rot.limit", "The IAM user has two access keys already, and inactive ones count.")],
  },
  {
    topic: "trust-policy",
    seen: /ACLSizePerRole/i,
    means: [high("irsa.trust-size", (c) => `The trust policy of ${theRole(c)} is longer than the quota allows.`)],
  },
  {
    topic: "trust-policy",
    seen: [/MalformedPolicy(?:Document)?/i, /Federated principals must be valid/i],
    means: [
      high(
        "irsa.federated-not-arn",
        "Federated has to be the ARN of an OIDC provider, arn:…:iam::ACCOUNT:oidc-provider/HOST.",
      ),
    ],
  },
  {
    topic: "trust-policy",
    seen: [/MalformedPolicy(?:Document)?/i, /Invalid principal in policy.{0,40}\b(?:AROA|AIDA)/i],
    means: [
      high("irsa.principal-stale-id", "A principal of the policy was deleted: IAM shows its id instead of its ARN."),
    ],
  },
  {
    topic: "trust-policy",
    seen: [/MalformedPolicy(?:Document)?/i, /partition "[a-z-]{2,20}" is not valid|aws-cn|aws-us-gov/i],
    means: [
      high(
        "aws.partition",
        "The policy names ARNs of another partition (aws, aws-cn, aws-us-gov) than the account is in.",
      ),
      medium("irsa.federated-wrong-partition", "In a trust policy it may be that of the OIDC provider."),
    ],
  },
  {
    topic: "trust-policy",
    seen: /MalformedPolicyDocument/i,
    means: [
      medium(
        "irsa.trust-json",
        "IAM does not take the document: no valid JSON, or an element that policies do not have.",
      ),
      medium("irsa.federated-not-arn", "In a trust policy: Federated may not be the ARN of an OIDC provider."),
    ],
  },
  {
    topic: "trust-policy",
    seen: /\bMalformedPolicy\b/i,
    means: [
      medium(
        "aws.partition",
        "S3 does not take the policy; its ARNs may be of another partition (aws, aws-cn, aws-us-gov).",
      ),
    ],
  },
];
