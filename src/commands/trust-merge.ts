import { worstExit, type ExitCode } from "../domain/errors.ts";
import { aimedFix, awsCommand } from "../domain/finding.ts";
import { mergePodIdentity, mergeTrustPolicy, type Merge } from "../domain/iam/trust/merge-trust-policy.ts";
import { parseTrustPolicy } from "../domain/iam/trust/parse-trust-policy.ts";
import { sizeProblems } from "../domain/iam/trust/trust-size.ts";
import type { App } from "../ports.ts";
import { renderMerge, trustPolicyDocument, type MadePolicy } from "../report/trust-policy.ts";
import { parseOutputs, printOutputs } from "./outputs.ts";
import type { TrustOptions } from "./trust-options.ts";
import { readRoleOrFile, type TrustSource } from "./trust-source.ts";
import { trustWish, type TrustWish } from "./trust-wanted.ts";

/** `trust-policy --merge`: the smallest change after which a role trusts the ServiceAccounts too. Changes nothing. */
export async function mergeTrust(cluster: string | undefined, options: TrustOptions, app: App): Promise<ExitCode> {
  const outputs = await parseOutputs(options, ["human", "json"], app);
  const source = await readRoleOrFile(options.merge ?? "-", options, app);
  const wish = await trustWish(cluster, options, app, source.role);
  const merged = mergedPolicy(source, wish);
  const made = madeOf(source, wish, merged);
  for (const note of [...wish.notes, ...made.notes]) app.terminal.err(`note: ${note}\n`);
  await printOutputs(app, outputs, async (format) =>
    format === "json" ? trustPolicyDocument(made) : renderMerge(made, await app.terminal.style("out")),
  );
  return made.exitCode;
}

function mergedPolicy({ document, role }: TrustSource, { irsa, podIdentity }: TrustWish): Merge {
  const start: Merge = { document: document.value, operations: [], kept: [] };
  const merged = irsa.reduce((before, wanted) => {
    const next = mergeTrustPolicy({ value: before.document }, wanted);
    return {
      document: next.document,
      operations: [...before.operations, ...next.operations],
      kept: [...before.kept, ...next.kept],
    };
  }, start);
  return podIdentity.length === 0 ? merged : mergePodIdentity(document, podIdentity, role?.partition ?? "aws");
}

function madeOf({ document, file, role, awsFlags }: TrustSource, wish: TrustWish, merged: Merge): MadePolicy {
  const policy = merged.document;
  const changed = merged.operations.length > 0;
  // What IAM would not take, it would not take with the change either.
  const refused = [...document.problems, ...parseTrustPolicy({ value: policy }).problems].filter(
    ({ cause }) => cause === "irsa.trust-json",
  );
  const problems = changed ? [...refused, ...sizeProblems(JSON.stringify(policy).length)] : [];
  const kept = merged.kept.map(
    ({ subject: { namespace, serviceAccount }, decision }) =>
      `ServiceAccount ${namespace}/${serviceAccount} ${decision === "deny" ? "stays out: a Deny of the policy is meant for it" : "is trusted on a condition that only its request decides"}`,
  );
  const update = awsCommand`aws iam update-assume-role-policy --role-name ${role?.name ?? ""} --policy-document ${JSON.stringify(policy)}`;
  const codes = merged.kept.map(({ decision }): ExitCode => (decision === "deny" ? 3 : 5));
  return {
    made: "merged",
    policyOf: file ?? `role ${role?.name}`,
    role: role?.name,
    wish,
    policy,
    before: document.value,
    operations: merged.operations,
    command: changed && role !== undefined ? aimedFix({ kube: [], aws: awsFlags }, update).text : undefined,
    notes: [...kept, ...problems.map(({ message }) => message)],
    exitCode: worstExit([...codes, problems.some(({ severity }) => severity === "error") ? 3 : 0]),
  };
}
