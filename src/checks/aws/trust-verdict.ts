import type { RoleFacts } from "../../domain/aws-facts.ts";
import {
  awsCommand,
  edit,
  finding,
  type Evidence,
  type Finding,
  type Fix,
  type Severity,
} from "../../domain/finding.ts";
import { judgeTrustPolicy } from "../../domain/iam/trust/judge-trust-policy.ts";
import { isTooWide } from "../../domain/iam/trust/trust-causes.ts";
import { readTrustPolicy } from "../../domain/iam/trust/read-trust-policy.ts";
import type { TrustFinding, TrustReport, TrustRequest, TrustRow } from "../../domain/iam/trust/trust-types.ts";

/** The verdict on a role's trust policy, or why there is none. */
export function verdictOn(role: RoleFacts, request: TrustRequest): TrustReport | { readonly undecided: string } {
  const read = readTrustPolicy(role.trustPolicy);
  if ("problem" in read) return { undecided: `the trust policy of role ${role.name} ${read.problem}` };
  return judgeTrustPolicy(read.document, request);
}

/** What of the report is about who is kept out (or, with `wide`, who is let in), as findings on the role. */
export function trustFindings(role: RoleFacts, report: TrustReport, severity: Severity, wide: boolean): Finding[] {
  const mine = report.findings.filter(({ cause }) => isTooWide(cause) === wide);
  const denied = !wide && report.decision === "deny";
  return mine.map((one, i) => {
    const first = denied && i === 0;
    const grave = first ? severity : denied ? milder(one.severity, severity) : capped(one.severity, wide);
    return finding(one.cause, grave, { kind: "IAMRole", name: role.name }, `Role ${role.name}: ${one.message}`, {
      evidence: [evidenceOf(one), ...(first ? rowsOf(report, one) : [])],
      fixes: fixesFor(role, one, first ? report : undefined),
      // A token for an audience that the provider does not take either is told there.
      ...(one.cause === "irsa.token-wrong-audience" ? { explainedBy: ["ANT0303"] as const } : {}),
    });
  });
}

function evidenceOf({ path, want, has, marked }: TrustFinding): Evidence {
  const shown = marked ?? has;
  return {
    label: path === "" ? "trust policy" : path,
    path,
    ...(want === undefined ? {} : { want }),
    ...(shown === undefined ? {} : { has: shown }),
  };
}

/** The truth table of the statement that came closest, and of a Deny that applies; the row of the finding is told already. */
function rowsOf({ statements }: TrustReport, { path }: TrustFinding): Evidence[] {
  const shown = statements.filter(
    ({ closest, effect, matches }) => closest || (effect === "Deny" && matches !== "false"),
  );
  return shown.flatMap(({ rows }) => rows.filter((row) => row.path !== path).map(rowOf));
}

function rowOf({ label, want, has, truth, because, path }: TrustRow): Evidence {
  const given = has === undefined ? (because ?? "nothing") : has.join(", ");
  return { label: `${label} ${TRUTH[truth]}`, want: want.join(" or "), has: given, path };
}

const TRUTH: Readonly<Record<TrustRow["truth"], string>> = {
  true: "holds",
  false: "does not hold",
  unknown: "is open",
};

function fixesFor(role: RoleFacts, { fix }: TrustFinding, report: TrustReport | undefined): Fix[] {
  const words = fix === undefined ? [] : [edit(fix)];
  if (report?.patch === undefined) return words;
  const document = JSON.stringify(report.patch.document);
  const update = awsCommand`aws iam update-assume-role-policy --role-name ${role.name} --policy-document ${document}`;
  return [...words, update];
}

const WEIGHT: readonly Severity[] = ["info", "warning", "error", "critical"];

function milder(a: Severity, b: Severity): Severity {
  return WEIGHT.indexOf(a) < WEIGHT.indexOf(b) ? a : b;
}

/** A statement that keeps somebody else out, in a policy that lets these pods in, is no failure of theirs. */
function capped(severity: Severity, wide: boolean): Severity {
  return wide ? severity : milder(severity, "warning");
}
