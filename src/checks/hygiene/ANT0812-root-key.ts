import { edit, finding, safeAwsCommand } from "../../domain/finding.ts";
import { GET_SECRETS, LIST_BACKUPS, LIST_CLUSTERS, LIST_RESTORES } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

export default defineCheck({
  code: "ANT0812",
  slug: "root-key",
  title: "The access key is not that of an AWS account's root user",
  area: "hygiene",
  causes: ["aws.root-key"],
  needs: ["cluster", "staticKeys"],
  after: ["ANT0201", "ANT0606"],
  notIn: { files: "only AWS knows whose key it is", overlay: "only AWS knows whose key it is" },
  required: false,
  effect: "read",
  severity: "critical",
  grants: [LIST_CLUSTERS, GET_SECRETS, LIST_BACKUPS, LIST_RESTORES],
  run: ({ cluster, staticKeys = [] }) => {
    const asked = staticKeys.filter(({ provider }) => provider === "aws");
    if (cluster === undefined || asked.length === 0) return { skip: "the nodes have no key of AWS" };
    const findings = asked.flatMap(({ caller, keyId, source, secret, users }) => {
      if (caller === undefined || !caller.arn.endsWith(":root")) return [];
      const subject = { kind: secret === undefined ? "AntflyCluster" : "Secret", namespace: cluster.namespace };
      const message = `${source} holds access key ${keyId} of the root user of account ${caller.account}: whoever has it may do everything there, and nothing can forbid it`;
      return finding("aws.root-key", "critical", { ...subject, name: secret ?? cluster.name }, message, {
        evidence: [
          { label: "identity", want: "a user or a role", has: caller.arn },
          { label: "used by", has: `${users.join(" and ")} nodes` },
        ],
        fixes: [
          edit("make an IAM user or a role for backups, write its key, see a backup succeed, then delete the root key"),
          safeAwsCommand`aws iam get-account-summary --query SummaryMap.AccountAccessKeysPresent`,
        ],
      });
    });
    if (findings.length > 0) return findings;
    return asked.every(({ caller }) => caller !== undefined) ? [] : { waits: "AWS did not say whose key it is" };
  },
});
