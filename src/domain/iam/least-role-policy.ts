import { distinctBy } from "../distinct.ts";
import { identityOf } from "../identity.ts";
import { sameJson } from "../json.ts";
import { leastS3Policy, type PolicyDocument } from "./least-s3-policy.ts";
import { isRecord } from "./policy-reader.ts";
import type { S3Aim } from "./policy-types.ts";

type Statement = PolicyDocument["Statement"][number];

/** A policy of which only the parts that are ours are known. */
export interface RolePolicyDocument {
  readonly Version: string;
  readonly Statement: readonly unknown[];
}

/**
 * The least that backups need on each bucket and prefix. A Sid says which bucket or prefix a statement is about, so that
 * one of an earlier run is known again; what an `existing` document holds besides stays, such as rights on a KMS key.
 */
export function leastRolePolicy(aims: readonly S3Aim[], partition: string, existing?: unknown): RolePolicyDocument {
  const wanted = statementsFor(aims, partition);
  if (!isRecord(existing)) return { Version: "2012-10-17", Statement: wanted };
  const before = Array.isArray(existing["Statement"]) ? existing["Statement"] : [existing["Statement"]];
  const kept = before.map((old: unknown) => wanted.find((statement) => sidOf(old) === statement.Sid) ?? old);
  const added = wanted.filter((statement) => !kept.includes(statement));
  return { Version: "2012-10-17", Statement: [...kept, ...added] };
}

/** Whether a role's document already is the one that is wanted. */
export function isSamePolicy(document: unknown, wanted: RolePolicyDocument): boolean {
  return isRecord(document) && sameJson(listed(document), wanted);
}

function listed(document: Record<string, unknown>): unknown {
  const { Statement: statement } = document;
  return { ...document, Statement: Array.isArray(statement) ? statement : [statement] };
}

function statementsFor(aims: readonly S3Aim[], partition: string): Statement[] {
  const statements = aims.flatMap(({ bucket, prefix }) => {
    const folder = prefix === "" ? "" : `${prefix.replace(/\/+$/, "")}/`;
    return leastS3Policy({ bucket, prefix: folder, partition }).Statement.map((statement): Statement => {
      const about = statement.Sid === "Bucket" ? [bucket] : [bucket, folder];
      return { ...statement, Sid: `${statement.Sid}${identityOf(about).slice(0, 8)}` };
    });
  });
  return distinctBy(statements, ({ Sid }) => Sid);
}

function sidOf(statement: unknown): unknown {
  return isRecord(statement) ? statement["Sid"] : undefined;
}
