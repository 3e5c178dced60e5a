import { edit } from "../../domain/finding.ts";
import { defineCheck } from "../define.ts";
import type { Denial, Refusal } from "./denial.ts";
import { judgeStep, NOT_LIVE, PROOF_GRANTS, PROOF_NEEDS, PROOF_WANTS } from "./probe-steps.ts";

export default defineCheck({
  code: "ANT0603",
  slug: "probe-read",
  title: "What was written is read back, and is the same",
  area: "proof",
  causes: [
    "gke.requester-pays",
    "gke.role-missing",
    "gke.vpc-sc",
    "irsa.boundary-scp-rcp",
    "irsa.role-no-permissions",
    "proof.read-differs",
    "s3.action-missing",
    "s3.bucket-policy-deny",
    "s3.explicit-deny",
    "s3.kms-denied",
    "s3.vpce-policy",
  ],
  needs: PROOF_NEEDS,
  wants: PROOF_WANTS,
  after: ["ANT0310", "ANT0602", "ANT0608", "ANT0611"],
  notIn: { files: NOT_LIVE, overlay: NOT_LIVE },
  required: true,
  effect: "write-probe",
  severity: "error",
  grants: PROOF_GRANTS,
  run: (facts) =>
    judgeStep(
      {
        outcomeOf: ({ read }) => read,
        action: "s3:GetObject",
        permission: "storage.objects.get",
        cannot: "cannot read back what it wrote to",
        lacking: { role: "irsa.role-no-permissions", key: "s3.action-missing" },
        told: differs,
        explainedBy: ["ANT0310", "ANT0602", "ANT0608", "ANT0611"],
      },
      facts,
    ),
});

function differs({ said }: Refusal): Denial | undefined {
  const gone = /^(NoSuchKey|notFound|not-found)$/.test(said.code);
  if (said.code !== "ContentDiffers" && !gone) return undefined;
  return {
    cause: "proof.read-differs",
    because: gone ? "it is not there, seconds after it was written" : "it came back as something else",
    fixes: [
      edit("ask whoever runs the store, or a proxy before it, what becomes of objects: backups would fare alike"),
    ],
  };
}
