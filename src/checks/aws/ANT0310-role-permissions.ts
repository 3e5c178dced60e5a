import type { RoleFacts, RolePolicy, StorageAim } from "../../domain/aws-facts.ts";
import { GET_BUCKET_POLICY, READ_ROLE_POLICIES } from "../../domain/aws-grants.ts";
import type { FactMap } from "../../domain/facts.ts";
import { edit, finding, type Evidence, type Finding, type Fix, type Severity } from "../../domain/finding.ts";
import { GET_SERVICE_ACCOUNT, LIST_BACKUPS, LIST_CLUSTERS } from "../../domain/grants.ts";
import { mayAllow } from "../../domain/iam/bucket-policy.ts";
import { missingRights, unreadable, type RoleProblem } from "../../domain/iam/role-policies.ts";
import { reliance } from "../../domain/identity-use.ts";
import { defineCheck } from "../define.ts";
import { allowFixes } from "../proof/policy-fixes.ts";

export default defineCheck({
  code: "ANT0310",
  slug: "role-permissions",
  title: "The role may do what backups need in their bucket and under their prefix",
  area: "aws",
  causes: ["irsa.boundary-scp-rcp", "irsa.role-no-permissions"],
  needs: ["cluster", "serviceAccount", "irsaRole", "irsaPolicies", "podIdentityRole", "podIdentityPolicies", "aims"],
  wants: ["bucketPolicies", "environments", "references", "backups"],
  after: ["ANT0101", "ANT0304", "ANT0309"],
  required: false,
  effect: "read",
  severity: "error",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT, LIST_BACKUPS],
  awsGrants: [...READ_ROLE_POLICIES, GET_BUCKET_POLICY],
  run: (facts) => {
    const { serviceAccount, irsaRole, irsaPolicies, podIdentityRole, podIdentityPolicies, aims = [] } = facts;
    const role = podIdentityRole ?? irsaRole;
    const policies = podIdentityRole === undefined ? irsaPolicies : podIdentityPolicies;
    if (role === undefined || policies === undefined)
      return { skip: `ServiceAccount ${serviceAccount?.name ?? "default"} has no role on AWS` };
    const mine = aims.filter(usesRole);
    if (mine.length === 0)
      return {
        skip: "no backup, restore or configuration names a bucket on AWS; --bucket BUCKET/PREFIX does",
        unless: "aims",
      };
    const severity = reliance(facts) === "all" ? "error" : "warning";
    return {
      findings: mine.flatMap((aim) => lacking(role, policies, aim, severity, facts.bucketPolicies)),
      undecided: unreadable(policies).map(
        ({ name }) => `policy ${name} of role ${role.name} is not what IAM's grammar allows`,
      ),
    };
  },
});

/** A connection with keys of its own, or to another store, does without the role. */
function usesRole({ identity, endpoint }: StorageAim): boolean {
  return identity !== "own-keys" && (endpoint === undefined || /\.amazonaws\.com(\.cn)?(:\d+)?\/?$/.test(endpoint));
}

function lacking(
  role: RoleFacts,
  policies: readonly RolePolicy[],
  aim: StorageAim,
  severity: Severity,
  bucketPolicies: FactMap["bucketPolicies"] | undefined,
): Finding[] {
  const own = missingRights(
    policies.filter(({ kind }) => kind !== "boundary"),
    aim,
    aim.writes,
  );
  const boundary = policies.filter(({ kind }) => kind === "boundary");
  const kept = boundary.length === 0 ? [] : missingRights(boundary, aim, aim.writes);
  return [
    ...(own.length === 0
      ? []
      : [noPermission(role, policies, aim, own, graver(own, severity), bucketPolicies?.[aim.bucket])]),
    ...(kept.length === 0 ? [] : [bounded(role, aim, kept, graver(kept, severity))]),
  ];
}

function noPermission(
  role: RoleFacts,
  policies: readonly RolePolicy[],
  aim: StorageAim,
  problems: readonly RoleProblem[],
  severity: Severity,
  bucketPolicy: FactMap["bucketPolicies"][string] | undefined,
): Finding {
  // In the role's own account, what a bucket policy allows needs no policy of the role.
  const other = bucketPolicy === undefined ? "maybe" : mayAllow(bucketPolicy, role);
  const what = policies.some(({ kind }) => kind !== "boundary") ? problems[0]?.message : "it has no policy at all";
  const hint = other === "no" ? "" : `; unless the policy of bucket ${aim.bucket} allows it, which --prove would show`;
  const message = `Role ${role.name} may not do what ${aim.from} needs in ${placeOf(aim)}: ${what}${hint}`;
  return finding("irsa.role-no-permissions", other === "no" ? severity : "warning", refOf(role), message, {
    evidence: problems.map(evidenceOf),
    fixes: problems.some(({ cause }) => cause === "s3.explicit-deny") ? ownWords(problems) : allowFixes(aim, role.arn),
  });
}

function bounded(role: RoleFacts, aim: StorageAim, problems: readonly RoleProblem[], severity: Severity): Finding {
  const message = `The permissions boundary of role ${role.name} keeps from it what ${aim.from} needs in ${placeOf(aim)}: ${problems[0]?.message}`;
  return finding("irsa.boundary-scp-rcp", severity, refOf(role), message, {
    evidence: [{ label: "boundary", has: role.boundary ?? "" }, ...problems.map(evidenceOf)],
    fixes: [edit("let whoever keeps the boundary widen it; no policy of the role gives what it leaves out")],
  });
}

function evidenceOf({ policy, path, want, has, message }: RoleProblem): Evidence {
  const label = policy === undefined ? "policies" : `${policy.kind} policy ${policy.name}`;
  return {
    label,
    ...(want === undefined ? {} : { want }),
    has: has ?? message,
    ...(policy === undefined ? {} : { path }),
  };
}

function ownWords(problems: readonly RoleProblem[]): Fix[] {
  return problems.flatMap(({ fix, policy }) =>
    fix === undefined ? [] : [edit(`policy ${policy?.name ?? ""}: ${fix}`)],
  );
}

function graver(problems: readonly RoleProblem[], severity: Severity): Severity {
  return problems.some((problem) => problem.severity === "error") ? severity : "warning";
}

function placeOf({ bucket, prefix }: StorageAim): string {
  return prefix === "" ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
}

function refOf({ name }: RoleFacts): { kind: string; name: string } {
  return { kind: "IAMRole", name };
}
