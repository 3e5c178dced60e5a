import { nearest } from "../../text.ts";
import { pointer } from "../policy-reader.ts";
import { noteInto, readStatement } from "./read-statement.ts";
import type { TrustDocument } from "./trust-document.ts";
import type { TrustPolicy, TrustStatement } from "./trust-statement.ts";
import type { TrustFinding } from "./trust-types.ts";

const ELEMENTS = ["Version", "Id", "Statement"] as const;

/**
 * Takes a trust policy apart by the grammar of the IAM policy language. `problems` is what IAM would refuse; the rest is
 * read all the same.
 */
export function parseTrustPolicy(document: Pick<TrustDocument, "value">): {
  readonly policy: TrustPolicy;
  readonly problems: readonly TrustFinding[];
} {
  const { value } = document;
  const problems: TrustFinding[] = [];
  const note = noteInto(problems);
  for (const key of Object.keys(value)) {
    if ((ELEMENTS as readonly string[]).includes(key)) continue;
    const meant = nearest(key, ELEMENTS);
    note(pointer("", key), `a policy has no ${key}${meant === undefined ? "" : `; did you mean ${meant}?`}`, {
      has: key,
    });
  }
  const version = value["Version"];
  if (version !== undefined && version !== "2012-10-17" && version !== "2008-10-17")
    note("/Version", "Version is 2012-10-17; it names the language and not the day of writing", {
      want: "2012-10-17",
      has: typeof version === "string" ? version : JSON.stringify(version),
    });
  const statement = value["Statement"];
  const listed: unknown[] = Array.isArray(statement) ? statement : [statement];
  if (listed.length === 0) note("/Statement", "the policy has no statement");
  const statements = listed.flatMap((one, i): TrustStatement[] => {
    const path = Array.isArray(statement) ? `/Statement/${i}` : "/Statement";
    const read = readStatement(one, i, path, note);
    return read === undefined ? [] : [read];
  });
  // Without Version it is the language of 2008, where `${…}` is plain text.
  return { policy: { variables: version !== undefined && version !== "2008-10-17", statements }, problems };
}
