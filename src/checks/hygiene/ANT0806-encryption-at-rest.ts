import { edit, finding } from "../../domain/finding.ts";
import { LIST_API_SERVER_PODS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0806",
  slug: "encryption-at-rest",
  title: "Secrets are encrypted in etcd",
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
    if (apiServer.encryption) return [];
    const message = `kube-apiserver runs without --encryption-provider-config: nothing that can be seen encrypts Secrets in etcd`;
    return [
      finding(
        "k8s.at-rest-unknown",
        "warning",
        { kind: "Pod", namespace: "kube-system", name: apiServer.pod },
        message,
        {
          evidence: [{ label: "flag", want: "--encryption-provider-config=FILE", has: "not set" }],
          fixes: [
            edit(
              "an EncryptionConfiguration with kms (v2) first, or secretbox where there is no KMS; then write all Secrets anew:",
            ),
            edit("kubectl get secrets -A -o json | kubectl replace -f -"),
          ],
        },
      ),
    ];
  },
});
