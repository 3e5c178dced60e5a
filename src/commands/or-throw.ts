import { UserError } from "../domain/errors.ts";
import { describeGrant } from "../domain/grant.ts";
import type { Known } from "../domain/known.ts";
import { shell } from "../domain/shell.ts";

/** Prints a Role for the namespace that was looked at, whichever the context has when it is pasted. */
export function permissionsIn(
  { namespace, flags }: { readonly namespace: string; readonly flags: readonly string[] },
  ...more: readonly string[]
): string {
  return shell`antfly-creds permissions -n ${namespace} ${more} ${flags}`;
}

/**
 * The value of a fact that a command cannot do without. `printedBy` prints a Role that allows to read it.
 * @throws UserError, exit 5 when it could not be read and 2 when it is not there
 */
export function orThrow<T>(fact: Known<T>, printedBy: string): T {
  if (fact.state === "known") return fact.value;
  if (fact.state === "absent") throw new UserError("absent", `${fact.origin.ref} does not exist on this cluster`);
  throw new UserError("unknown", `${fact.origin.ref} could not be read: ${fact.detail}`, {
    exit: 5,
    ...(fact.grant === undefined ? {} : { hint: `you need the right to ${describeGrant(fact.grant)}: ${printedBy}` }),
  });
}
