import { defineCheck } from "../define.ts";
import { judgeStep, NOT_LIVE, PROOF_GRANTS, PROOF_NEEDS, PROOF_WANTS } from "./probe-steps.ts";

export default defineCheck({
  code: "ANT0605",
  slug: "probe-remove",
  title: "What was written is removed again",
  area: "proof",
  causes: [
    "gke.requester-pays",
    "gke.role-missing",
    "gke.vpc-sc",
    "irsa.boundary-scp-rcp",
    "irsa.role-no-permissions",
    "s3.action-missing",
    "s3.bucket-policy-deny",
    "s3.explicit-deny",
    "s3.object-lock-versioning",
    "s3.vpce-policy",
  ],
  needs: PROOF_NEEDS,
  wants: PROOF_WANTS,
  after: ["ANT0310", "ANT0602", "ANT0608", "ANT0611"],
  notIn: { files: NOT_LIVE, overlay: NOT_LIVE },
  required: true,
  effect: "write-probe",
  severity: "warning",
  grants: PROOF_GRANTS,
  run: (facts) =>
    judgeStep(
      {
        outcomeOf: ({ remove }) => remove,
        action: "s3:DeleteObject",
        permission: "storage.objects.delete",
        cannot: "cannot remove what it wrote to",
        lacking: { role: "irsa.role-no-permissions", key: "s3.action-missing" },
        explainedBy: ["ANT0310", "ANT0611"],
        severity: "warning",
      },
      facts,
    ),
});
