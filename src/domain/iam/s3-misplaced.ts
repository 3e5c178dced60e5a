import type { IdentityPolicy, PolicyStatement, PolicyText } from "./policy-types.ts";
import type { Draft } from "./s3-draft.ts";
import { hasVariables } from "./s3-grants.ts";
import { literalAction, onObjects, missingStar, namesAction } from "./s3-levels.ts";
import { folderOf, placeOf, type Need, type Target } from "./s3-needs.ts";
import { escaped, example, fits } from "./s3-pattern.ts";
import { bucketOf, s3Resource } from "./s3-resource.ts";

/** The best explanation comes first, whatever the order of the statements. */
const RANK = ["s3.no-listbucket", "s3.action-level", "s3.object-prefix", "s3.object-arn-missing-star"];

/** The action is given on the right bucket, but not on what of it the action is about. */
export function misplacedFor(
  policy: IdentityPolicy,
  target: Target,
  need: Need,
  statements: readonly PolicyStatement[],
): Draft | undefined {
  const ranked = statements
    .filter(({ resources }) => !resources.not)
    .flatMap((statement) => {
      const literal = namesAction(statement, need.action);
      const rank = literal ? 0 : RANK.length;
      return statement.resources.items.flatMap((item) => {
        const draft = misplacedItem(policy, target, need, statement, item, literal);
        return draft === undefined ? [] : [{ draft, rank: rank + RANK.indexOf(draft.cause) }];
      });
    });
  return ranked.sort((a, b) => a.rank - b.rank)[0]?.draft;
}

function misplacedItem(
  policy: IdentityPolicy,
  target: Target,
  need: Need,
  statement: PolicyStatement,
  item: PolicyText,
  literal: boolean,
): Draft | undefined {
  const variables = hasVariables(policy);
  const resource = s3Resource(item.text, variables);
  if (resource.kind !== "bucket-or-object") return undefined;
  if (fits(resource.bucket, target.bucket, { wildcards: true, variables }) === "no") return undefined;
  if (need.level === "bucket") {
    if (resource.canBeBucket || (need.action !== "ListBucket" && !literal)) return undefined;
    const action = statement.actions.items.find((one) => literalAction(one) === need.action) ?? item;
    return onObjects(need.action, action, item);
  }
  if (target.prefix === undefined) return undefined;
  const folder = folderOf(target.prefix);
  const want = `${bucketOf(item.text)}/${escaped(folder)}*`;
  const name = example(item.text, variables);
  const onBucket = resource.canBeBucket && !resource.canBeObject;
  if (onBucket || isAbove(name, folder)) return missingStar(need.action, item, want);
  return onOthers(target, need, item, keyOf(name).startsWith(folder), want);
}

/** The ARN of one object that is called like the folder, or like one above it: a star is missing. */
function isAbove(name: string, folder: string): boolean {
  return !name.includes("\uffff") && folder.startsWith(folderOf(keyOf(name)));
}

function keyOf(arn: string): string {
  return arn.slice(arn.indexOf("/") + 1);
}

function onOthers(target: Target, need: Need, item: PolicyText, isPart: boolean, want: string): Draft {
  return {
    cause: "s3.object-prefix",
    severity: isPart || need.severity !== "error" ? "warning" : "error",
    actions: [need.action],
    say: (names, many) =>
      isPart
        ? `${names} ${many ? "are" : "is"} allowed on a part of ${placeOf(target)} only`
        : `${names} ${many ? "are" : "is"} allowed on other objects than those below ${placeOf(target)}`,
    path: item.path,
    want,
    has: item.text,
    fix: `add ${want}`,
  };
}
