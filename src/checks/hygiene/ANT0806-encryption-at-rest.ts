import { atRest, isConfigured, type EncryptionAtRest } from "../../domain/at-rest.ts";
import { DESCRIBE_EKS_CLUSTER } from "../../domain/aws-grants.ts";
import { command, edit, finding, safeCommand, type Finding, type Fix, type Ref } from "../../domain/finding.ts";
import { GET_GKE_CLUSTER } from "../../domain/google-grants.ts";
import { GET_METRICS, LIST_API_SERVER_PODS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0806",
  slug: "encryption-at-rest",
  title: "Secrets are encrypted in etcd",
  area: "hygiene",
  causes: ["k8s.at-rest-unknown", "k8s.at-rest-plaintext-first", "k8s.at-rest-weak-provider"],
  needs: ["encryptionAtRest"],
  after: ["ANT0101"],
  notIn: { files: "files do not show what is in force; an EncryptionConfiguration among them is ANT0813's" },
  thorough: true,
  required: false,
  effect: "read",
  severity: "warning",
  grants: [LIST_API_SERVER_PODS, GET_METRICS],
  awsGrants: [{ ...DESCRIBE_EKS_CLUSTER, optional: true }],
  googleGrants: [{ ...GET_GKE_CLUSTER, optional: true }],
  run: ({ encryptionAtRest }) => {
    if (encryptionAtRest === undefined) return { skip: "nothing here can tell it" };
    const told = atRest(encryptionAtRest);
    switch (told.is) {
      case "unknown":
        return { findings: [], undecided: told.why === undefined ? [] : [told.why] };
      case "clear":
        return [found("k8s.at-rest-plaintext-first", encryptionAtRest, `Secrets are ${told.how}`)];
      case "not-told":
        return notTold(encryptionAtRest, told);
      default:
        return told.weak === undefined
          ? []
          : [found("k8s.at-rest-weak-provider", encryptionAtRest, `Secrets are ${told.how}, and ${told.weak}`)];
    }
  },
});

/** One finding for each API server without the flag. What encrypts may be elsewhere, such as a disk: clear is not said. */
function notTold(
  facts: EncryptionAtRest,
  { how, pods }: { readonly how: string; readonly pods: readonly string[] },
): Finding[] {
  if (pods.length === 0) return [found("k8s.at-rest-unknown", facts, `Secrets are ${how}`)];
  // Another one encrypts, or nothing does.
  const [effect, fixes]: readonly [string, Fix[]] = isConfigured(facts)
    ? ["what another API server encrypts it cannot read", [edit("start it with the file that the other ones have")]]
    : ["nothing that can be seen encrypts Secrets in etcd", fixesOf(facts)];
  return pods.map((pod) =>
    finding(
      "k8s.at-rest-unknown",
      "warning",
      { kind: "Pod", namespace: "kube-system", name: pod },
      `kube-apiserver (pod ${pod}) runs without --encryption-provider-config: ${effect}`,
      { evidence: [{ label: "flag", want: "--encryption-provider-config=FILE", has: "not set" }], fixes },
    ),
  );
}

function found(cause: string, facts: EncryptionAtRest, message: string): Finding {
  const severity = cause === "k8s.at-rest-plaintext-first" ? "error" : facts.platform === "gke" ? "info" : "warning";
  return finding(cause, severity, subjectOf(facts), message, { fixes: fixesOf(facts) });
}

function subjectOf(facts: EncryptionAtRest): Ref {
  if (facts.platform === "eks") return { kind: "EKSCluster", name: facts.cluster ?? "" };
  if (facts.platform === "gke") return { kind: "GKECluster", name: facts.cluster };
  return { kind: "APIServer", name: "kube-apiserver" };
}

function fixesOf(facts: EncryptionAtRest): Fix[] {
  if (facts.platform !== "self-managed") return [safeCommand`antfly-creds init encryption`];
  const place = edit("put the file on every control-plane node as the command says, and then write all Secrets anew");
  // With a new file beside one that is in force nobody could read what that has encrypted.
  if (isConfigured(facts))
    return [
      edit(
        "replace its provider: antfly-creds init encryption --rotate FILE --write-to encryption, with a copy of the file that --encryption-provider-config names",
      ),
      place,
    ];
  return [command`antfly-creds init encryption --write-to encryption`, place];
}
