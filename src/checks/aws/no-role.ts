import type { ServiceAccountFacts } from "../../domain/workload-facts.ts";
import { withoutRole, type IdentityUse } from "../../domain/identity-use.ts";
import type { Verdict } from "../define.ts";

/** Why nothing is asked about a role: there is none, or a check before this one tells what is in the way. */
export function noRole(use: IdentityUse & { readonly serviceAccount: ServiceAccountFacts | undefined }): Verdict {
  const { cluster, serviceAccount: account } = use;
  const { serviceAccount: name = "default" } = cluster ?? {};
  if (account === undefined) {
    const why = `ServiceAccount ${name} does not exist`;
    return name === "default" ? { skip: why } : { waits: why };
  }
  if (account.awsRole === undefined)
    return { skip: `ServiceAccount ${name} has no annotation eks.amazonaws.com/role-arn` };
  const malformed = `what ServiceAccount ${name} has as its role is no ARN of a role; ANT0302 tells`;
  return withoutRole(use) === "critical" ? { waits: malformed } : { skip: malformed };
}
