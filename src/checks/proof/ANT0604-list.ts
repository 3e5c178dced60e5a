import { edit } from "../../domain/finding.ts";
import { defineCheck } from "../define.ts";
import type { Denial, Refusal } from "./denial.ts";
import { judgeStep, NOT_LIVE, PROOF_GRANTS, PROOF_NEEDS, PROOF_WANTS } from "./probe-steps.ts";

export default defineCheck({
  code: "ANT0604",
  slug: "probe-list",
  title: "What was written is found by listing the prefix",
  area: "proof",
  causes: [
    "gke.requester-pays",
    "gke.role-missing",
    "gke.vpc-sc",
    "irsa.boundary-scp-rcp",
    "irsa.role-no-permissions",
    "proof.not-listed",
    "s3.bucket-policy-deny",
    "s3.explicit-deny",
    "s3.no-listbucket",
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
        outcomeOf: ({ list }) => list,
        action: "s3:ListBucket",
        permission: "storage.objects.list",
        cannot: "cannot list",
        lacking: { role: "irsa.role-no-permissions", key: "s3.no-listbucket" },
        told: notListed,
        explainedBy: ["ANT0310", "ANT0602", "ANT0608", "ANT0611"],
      },
      facts,
    ),
});

function notListed({ said }: Refusal): Denial | undefined {
  if (said.code !== "NotListed") return undefined;
  return {
    cause: "proof.not-listed",
    because: "it was written and read back, and is not in the list: a restore would not find a backup either",
    fixes: [edit("wait a minute and try again; if it stays so, ask whoever runs the store")],
  };
}
