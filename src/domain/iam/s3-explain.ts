import type { IdentityPolicy } from "./policy-types.ts";
import { isPrefixTest } from "./s3-condition.ts";
import { conditioned } from "./s3-conditioned.ts";
import type { Draft } from "./s3-draft.ts";
import { fitOfActionItem, fitOfLook, isGranted, type Look } from "./s3-grants.ts";
import { misplacedFor } from "./s3-misplaced.ts";
import { decisionsOn, NEEDS, placeOf, type Need, type Target } from "./s3-needs.ts";
import { namesAction } from "./s3-levels.ts";

/** Why the policy does not give what is needed; nothing when it does, or when only the request can tell. */
export function explain(policy: IdentityPolicy, target: Target, need: Need): Draft[] {
  const decisions = decisionsOn(policy, target, need);
  if (decisions.some(isGranted)) return [];
  const looks = decisions.flatMap((decision) => decision.looks);
  const denying = looks.filter((look) => look.statement.effect === "Deny" && fitOfLook(look) === "yes");
  if (denying.length > 0) return denied(policy, target, need, denying, looks);

  const near = looks.filter((look) => look.statement.effect === "Allow" && look.action !== "no");
  const kept = near.find((look) => look.resource !== "no" && look.failing !== undefined);
  if (kept?.failing !== undefined) return [conditioned(policy, target, need, kept.statement, kept.failing)];
  const misplaced = misplacedFor(policy, target, need, [...new Set(near.map((look) => look.statement))]);
  if (misplaced !== undefined) return [misplaced];
  // Without an aim it is not known what a bucket is for: it may be read only, or only be listed.
  if (target.prefix === undefined && need.cause === "s3.action-missing") return [];
  return [(need.action === "ListBucket" ? confused(policy, target) : undefined) ?? missing(policy, target, need)];
}

/** A Deny that was written against this very thing; without an aim only against what an Allow spells out. */
function denied(
  policy: IdentityPolicy,
  target: Target,
  need: Need,
  denying: readonly Look[],
  looks: readonly Look[],
): Draft[] {
  const { statement } = denying.find((look) => !look.statement.tests.some(isPrefixTest)) ?? denying[0] ?? {};
  if (statement === undefined) return [];
  const test = statement.tests.find(isPrefixTest);
  if (test !== undefined && need.action === "ListBucket") return [conditioned(policy, target, need, statement, test)];
  const speltOut = looks.some(
    (look) => look.statement.effect === "Allow" && fitOfLook(look) !== "no" && namesAction(look.statement, need.action),
  );
  if (target.prefix === undefined && !speltOut) return [];
  const item = statement.actions.items.find((one) => fitOfActionItem(one, need.action) !== "no");
  return [
    {
      cause: "s3.explicit-deny",
      severity: need.severity,
      actions: [need.action],
      say: (names) => `A Deny takes ${names} on ${placeOf(target)} away, and no Allow can give it back`,
      path: statement.actions.not ? statement.actions.path : (item?.path ?? statement.path),
      fix: "narrow the Deny, or take it out",
    },
  ];
}

/** `s3:ListAllMyBuckets` in place of `s3:ListBucket`. */
function confused(policy: IdentityPolicy, target: Target): Draft | undefined {
  const items = policy.statements.flatMap(({ effect, actions }) =>
    effect === "Allow" && !actions.not ? actions.items : [],
  );
  const item = items.find((one) => fitOfActionItem(one, "ListAllMyBuckets") === "yes");
  if (item === undefined) return undefined;
  return {
    cause: "s3.listallmybuckets-confusion",
    severity: target.prefix === undefined ? "warning" : "error",
    actions: ["ListAllMyBuckets"],
    say: () =>
      `${item.text} lists the names of all buckets; what is in ${target.bucket} is listed with s3:ListBucket, and nothing allows that`,
    path: item.path,
    want: "s3:ListBucket",
    has: item.text,
    fix: "allow s3:ListBucket on the bucket itself",
  };
}

function missing(policy: IdentityPolicy, target: Target, need: Need): Draft {
  const home = homeOf(policy, target, need);
  const listing = need.action === "ListBucket";
  const place = listing ? `bucket ${target.bucket}` : placeOf(target);
  return {
    cause: need.cause,
    severity: listing && target.prefix === undefined ? "warning" : need.severity,
    actions: [need.action],
    say: (names) => `Nothing allows ${names} for ${place}${CONSEQUENCES[need.cause] ?? ""}`,
    path: home ?? "/Statement",
    want: (names) => names,
    fix: (names) => (home === undefined ? `add a statement that allows ${names}` : `add ${names}`),
  };
}

const CONSEQUENCES: Record<string, string> = {
  "s3.no-listbucket": ": backups cannot be listed, and an object that is not there looks forbidden",
  "s3.location-perm": ": a client that asks for the region has to guess it",
  "s3.multipart-perms": ": what a failed upload leaves behind is not cleaned up",
};

/** Where one would write the action: the statement that has its kin on the same target, if there is one. */
function homeOf(policy: IdentityPolicy, target: Target, need: Need): string | undefined {
  const looks = NEEDS.filter(({ level }) => level === need.level)
    .flatMap((kin) => decisionsOn(policy, target, kin))
    .flatMap((decision) => decision.looks);
  const home = looks.find(
    (look) => look.statement.effect === "Allow" && !look.statement.actions.not && fitOfLook(look) !== "no",
  );
  return home?.statement.actions.path;
}
