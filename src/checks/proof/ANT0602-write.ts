import { edit, safeAwsCommand } from "../../domain/finding.ts";
import { defineCheck } from "../define.ts";
import type { Denial, Refusal } from "./denial.ts";
import { judgeStep, NOT_LIVE, PROOF_GRANTS, PROOF_NEEDS, PROOF_WANTS, type ProbeStep } from "./probe-steps.ts";
import { wrongRegions } from "./role-region.ts";

export default defineCheck({
  code: "ANT0602",
  slug: "probe-write",
  title: "The database's identity can write to its bucket",
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
    "s3.kms-denied",
    "s3.nosuchbucket",
    "s3.region-mismatch",
    "s3.vpce-policy",
  ],
  needs: [...PROOF_NEEDS, "operator"],
  wants: PROOF_WANTS,
  after: ["ANT0201", "ANT0310", "ANT0601", "ANT0606", "ANT0607", "ANT0608", "ANT0610", "ANT0611"],
  notIn: { files: NOT_LIVE, overlay: NOT_LIVE },
  required: true,
  effect: "write-probe",
  severity: "error",
  grants: PROOF_GRANTS,
  run: ({ operator, ...facts }) => {
    const verdict = judgeStep(STEP, facts);
    const elsewhere = wrongRegions(facts.cluster, facts.webIdentity, operator?.generation);
    if (elsewhere.length === 0) return verdict;
    const { findings = [], undecided = [] } = "findings" in verdict ? verdict : {};
    return { findings: [...findings, ...elsewhere], undecided };
  },
});

const STEP: ProbeStep = {
  outcomeOf: ({ write }) => write,
  action: "s3:PutObject",
  permission: "storage.objects.create",
  cannot: "cannot write to",
  lacking: { role: "irsa.role-no-permissions", key: "s3.action-missing" },
  told: noSuchBucket,
  explainedBy: ["ANT0310", "ANT0607", "ANT0608", "ANT0611"],
};

function noSuchBucket({ said, aim }: Refusal): Denial | undefined {
  if (said.code !== "NoSuchBucket") return undefined;
  return {
    cause: "s3.nosuchbucket",
    because: `there is no bucket ${aim.bucket}`,
    fixes: [
      edit(`correct the bucket in ${aim.from}, or make it`),
      safeAwsCommand`aws s3api head-bucket --bucket ${aim.bucket}`,
    ],
  };
}
