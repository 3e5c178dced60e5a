import { nodeEnvironments } from "../../domain/env/groups.ts";
import { REQUIRED_KEYS } from "../../domain/env/static-keys.ts";
import type { ClusterFacts, SecretFacts } from "../../domain/facts.ts";
import { command, edit, finding, type Finding } from "../../domain/finding.ts";
import { GET_SECRETS } from "../../domain/grants.ts";
import { count } from "../../domain/text.ts";
import { defineCheck, type CheckContext } from "../define.ts";

const DAY_MS = 86_400_000;

export default defineCheck({
  code: "ANT0801",
  slug: "credential-age",
  title: "The static keys are not older than they should be",
  area: "hygiene",
  causes: ["k8s.secret-old"],
  needs: ["cluster", "references", "environments"],
  after: ["ANT0201"],
  notIn: { files: "a manifest does not say when its values were made" },
  required: false,
  effect: "read",
  severity: "warning",
  grants: [GET_SECRETS],
  run: ({ cluster, references, environments = [] }, context) => {
    if (cluster === undefined || references === undefined) return [];
    const holders = new Set(
      nodeEnvironments(cluster, environments).flatMap((node) =>
        REQUIRED_KEYS.flatMap((key) => {
          const from = node.variables[key]?.from;
          // A temporary key ends by itself.
          return from?.source.kind !== "Secret" || from.facts.form === "aws-temporary-key-id" ? [] : from.source.name;
        }),
      ),
    );
    if (holders.size === 0) return { skip: "no Secret of the cluster holds static keys" };
    const secrets = [...holders].flatMap((name) => {
      const fact = references.secrets[name];
      return fact?.state !== "known" || fact.value.inFile ? [] : [{ name, facts: fact.value }];
    });
    const findings = secrets.flatMap(({ name, facts }) => judge(cluster, name, facts, context));
    const undecided = secrets
      .filter(({ facts }) => changedAt(facts) === undefined)
      .map(({ name }) => `Secret ${name} has no managedFields, and only they show when its data was written`);
    return { findings, undecided };
  },
});

/**
 * Three ages, kept apart. The Secret's own says little: a rotation in place keeps it, and a Secret that is made anew may
 * hold the old key. The data's is known when this tool wrote it, and otherwise bounded: it is at least as old as the last
 * write that touched it. The credential's is known to the cloud alone.
 */
function judge(
  { namespace, name: cluster }: ClusterFacts,
  name: string,
  facts: SecretFacts,
  { now, policy }: CheckContext,
): Finding[] {
  const { createdAt, dataChangedAt, writtenAt } = facts;
  const days = Math.floor((now.getTime() - Date.parse(changedAt(facts) ?? "")) / DAY_MS);
  // Not a number where it is not known.
  if (!(days > policy.maxAgeDays)) return [];
  const subject = { kind: "Secret", namespace, name };
  const evidence = [
    { label: "object", has: `created ${createdAt}` },
    { label: "data", has: dataAge(writtenAt, dataChangedAt) },
    { label: "credential", has: "AWS knows: aws iam list-access-keys --user-name USER" },
  ];
  const message = `The key in Secret ${name} has not changed for ${count(days, "day")}, at least; it should be replaced every ${policy.maxAgeDays}`;
  return [
    finding("k8s.secret-old", "warning", subject, message, {
      evidence,
      fixes: [
        edit("make a second key for the same user, write it, see a backup succeed, then deactivate the first one:"),
        command`antfly-creds init secret ${cluster} -n ${namespace} --secret-name ${name} --overwrite`,
      ],
    }),
  ];
}

function changedAt({ writtenAt, dataChangedAt }: SecretFacts): string | undefined {
  return writtenAt ?? dataChangedAt;
}

function dataAge(writtenAt: string | undefined, dataChangedAt: string | undefined): string {
  if (writtenAt !== undefined) return `written ${writtenAt} by antfly-creds`;
  return dataChangedAt === undefined ? "not known" : `not changed since ${dataChangedAt}, perhaps for longer`;
}
