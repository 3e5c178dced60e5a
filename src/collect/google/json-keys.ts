import { isAccountEmail } from "../../domain/gcp/account-form.ts";
import type { GoogleKeyState } from "../../domain/google-facts.ts";
import { LIST_GOOGLE_KEYS } from "../../domain/google-grants.ts";
import { known, valueOf, type Known } from "../../domain/known.ts";
import type { ReferenceFacts } from "../../domain/facts.ts";
import type { Google } from "../../ports.ts";
import { defineCollector } from "../collector.ts";
import { askGoogle, ofGoogle, toKnownGoogle } from "./ask-google.ts";

const REF = "the JSON keys of Google service accounts";

type Named = Omit<GoogleKeyState, "key">;

/** Nobody is asked where no Secret holds one. */
export const googleKeysCollector = defineCollector({
  gives: "googleKeys",
  needs: ["references"],
  collect: async ({ references }, world) => {
    const keys = namedIn(references);
    if (keys.length === 0) return known([], ofGoogle(REF));
    return askGoogle(world, REF, undefined, async (google) =>
      known(await Promise.all(keys.map(async (one) => ({ ...one, key: await stateOf(google, one) }))), ofGoogle(REF)),
    );
  },
});

function namedIn({ secrets }: ReferenceFacts): Named[] {
  return Object.entries(secrets).flatMap(([secret, fact]) =>
    Object.entries(valueOf(fact)?.keys ?? {}).flatMap(([entry, { googleKey }]) => {
      const { account, keyId } = googleKey ?? {};
      return account === undefined || keyId === undefined || !isAccountEmail(account)
        ? []
        : [{ secret, entry, account, keyId }];
    }),
  );
}

async function stateOf(google: Google, { account, keyId }: Named): Promise<GoogleKeyState["key"]> {
  const ref = `the keys of ${account}`;
  const found: Known<readonly { id: string; disabled: boolean; validBefore: string | undefined }[]> =
    await toKnownGoogle(ref, LIST_GOOGLE_KEYS, async () =>
      known(await google.listServiceAccountKeys(account), ofGoogle(ref)),
    );
  if (found.state === "unknown") return found;
  const none = { disabled: false, validBefore: undefined };
  if (found.state === "absent") return known({ found: "no-account", ...none }, found.origin);
  const key = found.value.find(({ id }) => id === keyId);
  if (key === undefined) return known({ found: "no-key", ...none }, found.origin);
  return known({ found: "key", disabled: key.disabled, validBefore: key.validBefore }, found.origin);
}
