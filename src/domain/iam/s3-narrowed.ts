import type { IdentityPolicy, PolicyStatement, PolicyText } from "./policy-types.ts";
import { bucketNamed } from "./s3-resource.ts";

/** What of a policy can matter for a bucket. */
export type Narrowed = (bucket: string) => IdentityPolicy;

/**
 * Leaves out the resources that name another bucket, and the statements that then have none: nothing that is asked about
 * the bucket is answered otherwise, and a policy of many buckets is not gone through again for each.
 */
export function narrowed(policy: IdentityPolicy): Narrowed {
  const statements = policy.statements.map((statement) => ({ statement, ...sorted(statement) }));
  return (bucket) => ({
    ...policy,
    statements: statements.flatMap(({ statement, general, named }) => {
      const items = [...general, ...(named.get(bucket) ?? [])];
      if (items.length === 0 && !statement.resources.not) return [];
      return [{ ...statement, resources: { ...statement.resources, items } }];
    }),
  });
}

function sorted({ resources }: PolicyStatement): { general: PolicyText[]; named: Map<string, PolicyText[]> } {
  const general: PolicyText[] = [];
  const named = new Map<string, PolicyText[]>();
  for (const item of resources.items) {
    const bucket = bucketNamed(item.text);
    if (bucket === undefined) general.push(item);
    else named.set(bucket, [...(named.get(bucket) ?? []), item]);
  }
  return { general, named };
}
