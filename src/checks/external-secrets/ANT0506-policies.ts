import { lacksSecret, ofTheCluster } from "../../domain/external-secrets.ts";
import type { Finding } from "../../domain/finding.ts";
import { LIST_EXTERNAL_SECRETS } from "../../domain/external-secrets-grants.ts";
import { GET_SECRETS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";
import { editedByHand } from "./edited-by-hand.ts";
import { NOT_INVOLVED } from "./not-involved.ts";
import { policyFaults, takenAway } from "./policy-faults.ts";

export default defineCheck({
  code: "ANT0506",
  slug: "external-secret-policies",
  title: "The Secret stays, and nobody else writes it",
  area: "external-secrets",
  causes: ["eso.deletion-policy", "eso.invalid-combination", "eso.manual-edit-reverted"],
  needs: ["cluster", "references", "externalSecrets"],
  after: ["ANT0501"],
  required: false,
  effect: "read",
  severity: "warning",
  grants: [GET_SECRETS, LIST_EXTERNAL_SECRETS],
  run: ({ references, externalSecrets = [] }) => {
    const mine = ofTheCluster(externalSecrets);
    if (references === undefined || mine.length === 0) return NOT_INVOLVED;
    return mine.flatMap((one): Finding[] => {
      const secret = references.secrets[one.target];
      return [
        ...(takenAway(one, lacksSecret(one, references)) ?? policyFaults(one)),
        ...(secret?.state === "known" ? editedByHand(one, secret.value) : []),
      ];
    });
  },
});
