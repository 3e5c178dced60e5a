import type { StaticKeyFacts, StorageAim, UserPolicies } from "../../domain/aws-facts.ts";
import { READ_USER_POLICIES } from "../../domain/aws-grants.ts";
import { distinctBy } from "../../domain/distinct.ts";
import { awsCommand, edit, finding, type Finding, type Fix } from "../../domain/finding.ts";
import { GET_SECRETS, LIST_BACKUPS, LIST_CLUSTERS, LIST_RESTORES } from "../../domain/grants.ts";
import { excesses, type Excess } from "../../domain/iam/excess.ts";
import { unreadable } from "../../domain/iam/role-policies.ts";
import { sentenceList } from "../../domain/text.ts";
import { endpointKind } from "../../domain/values/endpoint.ts";
import { defineCheck } from "../define.ts";
import { allowFixes, policiesFix, policyName } from "../proof/policy-fixes.ts";

export default defineCheck({
  code: "ANT0815",
  slug: "key-rights",
  title: "The IAM user of the static key has no rights far beyond what backups need",
  area: "hygiene",
  causes: ["aws.user-overprivileged"],
  needs: ["cluster", "staticKeys", "userPolicies", "aims"],
  after: ["ANT0201", "ANT0606"],
  notIn: { files: "only AWS knows what a key's user may do", overlay: "only AWS knows what a key's user may do" },
  required: false,
  effect: "read",
  severity: "warning",
  grants: [LIST_CLUSTERS, GET_SECRETS, LIST_BACKUPS, LIST_RESTORES],
  awsGrants: READ_USER_POLICIES,
  run: ({ cluster, staticKeys = [], userPolicies = [], aims = [] }) => {
    const asked = staticKeys.filter(({ provider }) => provider === "aws");
    if (cluster === undefined || asked.length === 0) return { skip: "the nodes have no key of AWS" };
    if (userPolicies.length === 0)
      return asked.every(({ caller }) => caller !== undefined)
        ? { skip: "no key of the nodes is that of an IAM user" }
        : { waits: "AWS did not say whose key it is" };
    const keysOf = ({ arn }: UserPolicies): StaticKeyFacts[] => asked.filter(({ caller }) => caller?.arn === arn);
    return {
      findings: userPolicies.flatMap((user) => overprivileged(user, keysOf(user), aims)),
      undecided: userPolicies.flatMap(({ name, policies }) =>
        unreadable(policies.filter(({ document }) => document !== null)).map(
          (policy) => `policy ${policy.name} of user ${name} is not what IAM's grammar allows`,
        ),
      ),
    };
  },
});

function overprivileged(user: UserPolicies, keys: readonly StaticKeyFacts[], aims: readonly StorageAim[]): Finding[] {
  const found = excesses(user.policies);
  const [worst] = found;
  if (worst === undefined) return [];
  const holders = sentenceList([...new Set(keys.map(({ source, keyId }) => `${source} (access key ${keyId})`))]);
  const more = found.length === 1 ? "" : `, and ${found.length - 1} more of its policies allow too much`;
  const message = `IAM user ${user.name}, whose key is in ${holders}, may do far more than backups need: policy ${worst.policy.name} allows ${worst.allows}${more}`;
  return [
    finding("aws.user-overprivileged", "warning", { kind: "IAMUser", name: user.name }, message, {
      evidence: found.map(({ policy, path, has, allows }) => ({
        label: `${policy.kind} policy ${policy.name}`,
        want: "the bucket and the prefix of the backups alone",
        has: `${has}: allows ${allows}`,
        ...(path === "" ? {} : { path }),
      })),
      fixes: fixes(user, found, keys, aims),
    }),
  ];
}

/** What backups need is given before anything is taken away. */
function fixes(
  user: UserPolicies,
  found: readonly Excess[],
  keys: readonly StaticKeyFacts[],
  aims: readonly StorageAim[],
): Fix[] {
  const places = distinctBy(aims.filter(isOnAws), ({ bucket, prefix }) => JSON.stringify([bucket, prefix]));
  if (places.length === 0)
    return [
      edit("no bucket of the backups is known: run it with --bucket BUCKET/PREFIX for the policy that suffices there"),
      ...policiesFix(user.arn),
    ];
  const given = new Set(places.map(policyName));
  // Put under the same name, the least has taken its place already.
  const taken = found.filter(({ policy }) => policy.kind !== "inline" || !given.has(policy.name));
  const caution = edit(
    `see that a backup succeeds, and what else user ${user.name} serves: other programs may need what is taken from it next`,
  );
  return [
    ...places.flatMap((aim) => allowFixes(aim, user.arn, kmsKeyOf(aim, keys))),
    ...(taken.length === 0 ? [] : [caution]),
    ...taken.map(({ policy }) =>
      policy.arn === undefined
        ? awsCommand`aws iam delete-user-policy --user-name ${user.name} --policy-name ${policy.name}`
        : awsCommand`aws iam detach-user-policy --user-name ${user.name} --policy-arn ${policy.arn}`,
    ),
  ];
}

/** A place that the key of the environment is used at. */
function isOnAws({ identity, endpoint }: StorageAim): boolean {
  return identity === "usual" && (endpoint === undefined || endpointKind(endpoint).host === "aws");
}

/** Rights on the key that the bucket encrypts with may have come with the broad policy. */
function kmsKeyOf({ bucket }: StorageAim, keys: readonly StaticKeyFacts[]): string | undefined {
  const of = keys.flatMap(({ stores }) => stores).find(({ aim }) => aim.bucket === bucket)?.encryption;
  const key = of?.state === "known" ? of.value.key : undefined;
  // Policies take no alias.
  return key !== undefined && /^arn:[^:]+:kms:.*:key\//.test(key) ? key : undefined;
}
