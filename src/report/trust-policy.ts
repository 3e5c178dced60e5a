import type { ExitCode } from "../domain/errors.ts";
import type { WantedPodIdentity, WantedTrust } from "../domain/iam/trust/build-trust-policy.ts";
import type { TrustPatch } from "../domain/iam/trust/trust-types.ts";
import { lineDiff } from "../domain/line-diff.ts";
import type { Style } from "../domain/style.ts";
import { printable } from "../domain/text.ts";

/** A trust policy that was built, or merged into one that was there. */
export interface MadePolicy {
  readonly made: "built" | "merged";
  /** The file as it was named, or `role NAME`. */
  readonly policyOf: string | undefined;
  readonly role: string | undefined;
  readonly wish: {
    readonly irsa: readonly WantedTrust[];
    readonly podIdentity: readonly WantedPodIdentity[];
    readonly issuers: readonly { readonly url: string; readonly source: string }[];
    readonly notes: readonly string[];
  };
  /** The whole policy. */
  readonly policy: unknown;
  /** As it was before. */
  readonly before: unknown;
  readonly operations: TrustPatch["operations"];
  /** Puts the policy into force. */
  readonly command: string | undefined;
  readonly notes: readonly string[];
  readonly exitCode: ExitCode;
}

/** The document that scripts rely on (`schemas/trust-policy.v1.json`). */
export function trustPolicyDocument(made: MadePolicy): object {
  const { irsa, podIdentity, issuers, notes } = made.wish;
  const subjects = irsa[0]?.subjects ?? podIdentity.map(({ subject }) => subject);
  return {
    schema: "antfly-creds.trust-policy/v1",
    made: made.made,
    of: made.policyOf ?? null,
    mechanism: irsa.length > 0 ? "irsa" : "pod-identity",
    account: irsa[0]?.account ?? podIdentity[0]?.account ?? null,
    issuers,
    audience: irsa[0]?.audience ?? null,
    subjects: subjects.map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`),
    operations: made.operations,
    policy: made.policy,
    command: made.command ?? null,
    notes: [...notes, ...made.notes],
    exitCode: made.exitCode,
  };
}

/** The policy alone. */
export function renderPolicy({ policy }: MadePolicy): string {
  return `${JSON.stringify(policy, undefined, 2)}\n`;
}

/** What changes, and the command that changes it. */
export function renderMerge(made: MadePolicy, { paint }: Style): string {
  const of = printable(made.policyOf ?? "the policy");
  if (made.operations.length === 0) return `Nothing to change in the trust policy of ${of}.\n`;
  const before = JSON.stringify(made.before, undefined, 2);
  const diff = lineDiff(before, JSON.stringify(made.policy, undefined, 2)).map((line) => {
    const text = printable(line);
    return line.startsWith("+") ? paint.green(text) : line.startsWith("-") ? paint.red(text) : text;
  });
  const put = made.command ?? "write it into the role: -o json has the whole policy";
  return [`${paint.bold(of)}: nothing that it trusts is taken away`, "", ...diff, "", printable(put), ""].join("\n");
}
