import { gives, withMember, withoutMember, type Grantee } from "../domain/gcp/edit-policy.ts";
import type { IamPolicy } from "../domain/gcp/iam-policy.ts";
import { CloudError } from "../ports.ts";
import { assertAsPlanned, FOUND_WITHIN_MS, lookUntil, orNothing, untilShown } from "./cloud-look.ts";
import type { Workshop } from "./handler.ts";

/** The allow policy of one thing. */
export interface PolicyPlace {
  /** `the policy of bucket acme-backups`. */
  readonly what: string;
  readonly read: () => Promise<IamPolicy>;
  /** `conflict` when somebody else was faster. */
  readonly write: (policy: IamPolicy) => Promise<IamPolicy>;
}

/** Tries of a whole cycle when others change the policy, too; the pauses between them double, from this one. */
const TRIES = 8;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;
/** What was just made may be unknown to a policy for a minute and more (IAM documentation, "Create service accounts"). */
const KNOWN_WITHIN_MS = 90_000;
const UNKNOWN_PAUSE_MS = 3_000;

/** @throws UserError when the member has the role already */
export async function assertNotGiven(place: PolicyPlace, grantee: Grantee): Promise<void> {
  // An account that the plan makes has none yet.
  const policy = await orNothing(place.read());
  assertAsPlanned(policy === undefined || !gives(policy, grantee), place.what);
}

/**
 * Gives the role to one member more: reads, adds, and writes with the etag that was read, so that nobody's change is lost.
 * @returns what an undo has to know: whether the member was added, or somebody else had done that meanwhile
 */
export async function give(place: PolicyPlace, grantee: Grantee, shop: Workshop): Promise<Record<string, string>> {
  const added = await cycle(place, (policy) => withMember(policy, grantee), shop);
  await untilShown(shop, async () => gives(await place.read(), grantee));
  return { added: String(added) };
}

/** After a call without an answer. */
export function findGiven(
  place: PolicyPlace,
  grantee: Grantee,
  shop: Workshop,
): Promise<Record<string, string> | undefined> {
  return lookUntil(shop, FOUND_WITHIN_MS, async () =>
    gives(await place.read(), grantee) ? { added: "true" } : undefined,
  );
}

/** Takes away exactly the member that was added. */
export async function takeBack(
  place: PolicyPlace,
  grantee: Grantee,
  made: Readonly<Record<string, string>>,
  shop: Workshop,
): Promise<void> {
  if (made["added"] === "true") await cycle(place, (policy) => withoutMember(policy, grantee), shop);
}

/** Reads and writes until no other change comes between; whether there was anything to write. */
async function cycle(place: PolicyPlace, change: (policy: IamPolicy) => IamPolicy, shop: Workshop): Promise<boolean> {
  const deadline = shop.app.now().getTime() + KNOWN_WITHIN_MS;
  for (let conflicts = 0; ;) {
    try {
      const before = await place.read();
      const after = change(before);
      if (JSON.stringify(after.bindings) === JSON.stringify(before.bindings)) return false;
      await place.write(after);
      return true;
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      const isConflict = error.failure === "conflict";
      if (isConflict && ++conflicts === TRIES) throw error;
      if (!isConflict && (!isNotKnownYet(error) || shop.app.now().getTime() >= deadline)) throw error;
      if (shop.app.signal.aborted) throw error;
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (conflicts - 1));
      await shop.app.sleep(isConflict ? pause : UNKNOWN_PAUSE_MS);
    }
  }
}

/** IAM has not heard yet of an account or a workload pool that an earlier step has made. */
function isNotKnownYet({ failure, message }: CloudError): boolean {
  return failure === "not-found" || (failure === "invalid" && /does not exist/i.test(message));
}
