import { edit, finding, type Finding } from "../../domain/finding.ts";
import { LIST_API_SERVER_PODS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0807",
  slug: "audit-log",
  title: "The API server keeps an audit log",
  area: "hygiene",
  causes: ["k8s.audit-off"],
  needs: ["apiServer"],
  after: ["ANT0101"],
  notIn: { files: "files do not show the API server's flags" },
  thorough: true,
  required: false,
  effect: "read",
  severity: "warning",
  grants: [LIST_API_SERVER_PODS],
  run: ({ apiServer }) => {
    if (apiServer === undefined) {
      return {
        skip: "the control plane cannot be seen from here: aws eks describe-cluster (logging), gcloud logging read for Kubernetes audit logs",
      };
    }
    return apiServer.filter(({ audit }) => !audit).map(({ pod }) => noLog(pod));
  },
});

function noLog(pod: string): Finding {
  const message = `kube-apiserver (pod ${pod}) keeps no audit log: who reads a Secret is recorded nowhere`;
  return finding("k8s.audit-off", "warning", { kind: "Pod", namespace: "kube-system", name: pod }, message, {
    evidence: [
      { label: "flags", want: "--audit-policy-file, and --audit-log-path or a webhook", has: "not set, or not both" },
    ],
    fixes: [
      edit("an audit policy that records get, list and watch of secrets at level Metadata, never their contents"),
    ],
  });
}
