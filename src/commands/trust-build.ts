import type { ExitCode } from "../domain/errors.ts";
import { podIdentityStatement, trustStatement } from "../domain/iam/trust/build-trust-policy.ts";
import { sizeProblems } from "../domain/iam/trust/trust-size.ts";
import type { App } from "../ports.ts";
import { renderPolicy, trustPolicyDocument, type MadePolicy } from "../report/trust-policy.ts";
import { parseOutputs, printOutputs } from "./outputs.ts";
import type { TrustOptions } from "./trust-options.ts";
import { trustWish } from "./trust-wanted.ts";

/** `trust-policy`: the least trust policy for the ServiceAccounts, with the cluster's real issuer. */
export async function buildTrust(cluster: string | undefined, options: TrustOptions, app: App): Promise<ExitCode> {
  const outputs = await parseOutputs(options, ["human", "json"], app);
  const wish = await trustWish(cluster, options, app, undefined);
  const statements = [...wish.irsa.map(trustStatement), ...wish.podIdentity.map(podIdentityStatement)];
  const policy = { Version: "2012-10-17", Statement: statements };
  const problems = sizeProblems(JSON.stringify(policy).length);
  const made: MadePolicy = {
    made: "built",
    policyOf: undefined,
    role: undefined,
    wish,
    policy,
    before: undefined,
    operations: [],
    command: undefined,
    notes: problems.map(({ message }) => message),
    exitCode: problems.some(({ severity }) => severity === "error") ? 3 : 0,
  };
  // The policy alone goes to standard output: it can be written into a file.
  for (const note of [...wish.notes, ...made.notes]) app.terminal.err(`note: ${note}\n`);
  await printOutputs(app, outputs, (format) => (format === "json" ? trustPolicyDocument(made) : renderPolicy(made)));
  return made.exitCode;
}
