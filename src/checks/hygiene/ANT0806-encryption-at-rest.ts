import { edit, finding, type Finding } from "../../domain/finding.ts";
import { LIST_API_SERVER_PODS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0806",
  slug: "encryption-at-rest",
  title: "The API server is told to encrypt Secrets in etcd",
  area: "hygiene",
  causes: ["k8s.at-rest-unknown"],
  needs: ["apiServer"],
  after: ["ANT0101"],
  notIn: { files: "files do not show the API server's flags; an EncryptionConfiguration among them is ANT0813's" },
  thorough: true,
  required: false,
  effect: "read",
  severity: "warning",
  grants: [LIST_API_SERVER_PODS],
  run: ({ apiServer }) => {
    if (apiServer === undefined) {
      return {
        skip: "the control plane cannot be seen from here: aws eks describe-cluster (encryptionConfig), gcloud container clusters describe (databaseEncryption)",
      };
    }
    return apiServer.filter(({ encryption }) => !encryption).map(({ pod }) => notTold(pod));
  },
});

/** What encrypts may be elsewhere, such as a disk: that Secrets lie in clear is not said. */
function notTold(pod: string): Finding {
  const message = `kube-apiserver (pod ${pod}) runs without --encryption-provider-config: nothing that can be seen encrypts Secrets in etcd`;
  return finding("k8s.at-rest-unknown", "warning", { kind: "Pod", namespace: "kube-system", name: pod }, message, {
    evidence: [{ label: "flag", want: "--encryption-provider-config=FILE", has: "not set" }],
    fixes: [
      edit("an EncryptionConfiguration with kms (v2) first, or secretbox where there is no KMS"),
      edit("then write all Secrets anew: kubectl get secrets -A -o json | kubectl replace -f -"),
    ],
  });
}
