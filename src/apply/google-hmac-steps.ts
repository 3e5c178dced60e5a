import { ACCESS_KEY_ID, SECRET_ACCESS_KEY } from "../domain/env/static-keys.ts";
import { UserError } from "../domain/errors.ts";
import { removeHmacKey } from "../domain/gcp/remove-hmac-key.ts";
import type { StepOf } from "../domain/plan.ts";
import { Sensitive } from "../domain/sensitive.ts";
import { shell } from "../domain/shell.ts";
import { CloudError, GoogleError } from "../ports.ts";
import { assertAsPlanned, FOUND_WITHIN_MS, lookUntil } from "./cloud-look.ts";
import { googleOf, type StepHandler, type Workshop } from "./handler.ts";

/** Ids of the keys that the account had; undefined where they may not be listed. Nobody else's key is taken for ours. */
const before = new WeakMap<StepOf<"google.hmac.create">, ReadonlySet<string> | undefined>();

/**
 * Makes a key, whose secret is told once and goes into the slots of the steps that come after. One whose answer was lost
 * can be of no use to anybody: it is named and left, since somebody else may have made it at the same moment.
 */
export const createHmac: StepHandler<"google.hmac.create"> = {
  preview: async ({ with: { account } }, shop) => {
    const { disabled } = await googleOf(shop).getServiceAccount(account);
    assertAsPlanned(!disabled, `Google service account ${account}`);
  },
  previewAgain: true,
  apply: async (step, shop) => {
    const { account, project } = step.with;
    before.set(step, await idsOf(step, shop).catch(untold));
    const { key, secret } = await googleOf(shop)
      .createHmacKey(project, account)
      .catch(async (error: unknown) => Promise.reject(await explained(error, step, shop)));
    shop.boxes.set(ACCESS_KEY_ID, new Sensitive(key.accessId));
    shop.boxes.set(SECRET_ACCESS_KEY, secret);
    return { accessId: key.accessId, project };
  },
  find: async (step, shop) => {
    const made = await newKeys(step, shop);
    if (made.length > 0) throw new Error("it was made, and its secret is lost");
    return undefined;
  },
  undo: async (_, { made }, shop) => {
    const { accessId = "", project = "" } = made;
    const google = googleOf(shop);
    try {
      await google.setHmacKeyState(project, accessId, "INACTIVE", undefined);
      await google.deleteHmacKey(project, accessId);
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      // It is in the Secret that was taken away, and whoever is to remove it has to see which one it is.
      shop.app.redactor.allow(accessId);
      throw new GoogleError(error.failure, error.action, `${error.message}; ${removeHmacKey(accessId, project)}`);
    }
  },
};

async function idsOf({ with: step }: StepOf<"google.hmac.create">, shop: Workshop): Promise<ReadonlySet<string>> {
  const keys = await googleOf(shop).listHmacKeys(step.project, step.account);
  return new Set(keys.map(({ accessId }) => accessId));
}

function untold(error: unknown): undefined {
  if (!(error instanceof CloudError)) throw error;
}

/** @throws CloudError where they cannot be listed; UserError where they could not be before */
async function newKeys(step: StepOf<"google.hmac.create">, shop: Workshop): Promise<string[]> {
  const had = before.get(step);
  if (had === undefined) throw new UserError("untold", "the keys of the account could not be listed");
  const found = await lookUntil(shop, FOUND_WITHIN_MS, async () => {
    const added = [...(await idsOf(step, shop))].filter((id) => !had.has(id));
    return added.length > 0 ? added : undefined;
  });
  return found ?? [];
}

const FORBIDDEN = /constraints\/storage\.(?:restrictAuthTypes|disableServiceAccountHmacKeyCreation)/;

/** A refusal in words of its own; after a lost answer the same failure, with the key that came of it. */
async function explained(failed: unknown, step: StepOf<"google.hmac.create">, shop: Workshop): Promise<unknown> {
  if (!(failed instanceof CloudError)) return failed;
  const { account, project } = step.with;
  const constraint = FORBIDDEN.exec(failed.message)?.[0];
  if (constraint !== undefined) {
    return new UserError(
      "hmac-forbidden",
      `an organisation policy forbids HMAC keys in project ${project}: ${failed.message}`,
      { hint: `ask who looks after ${constraint} for an exception; generation 3 reaches gs:// without a key` },
    );
  }
  if (failed.failure === "limit" || /limit|maximum number/i.test(failed.message)) {
    return new UserError(
      "limit",
      `Google service account ${account} has as many HMAC keys as it can: ${failed.message}`,
      {
        hint: shell`gcloud storage hmac list --service-account ${account} --project ${project}`,
      },
    );
  }
  if (!["unreachable", "timeout", "malformed", "server-error"].includes(failed.failure)) return failed;
  const made = await newKeys(step, shop).catch(() => []);
  if (made.length === 0) return failed;
  const remove = made.map((accessId) => removeHmacKey(accessId, project)).join("; ");
  return new GoogleError(
    failed.failure,
    failed.action,
    `${failed.message}; meanwhile an HMAC key of ${account} was made whose secret nobody knows, by this run or by somebody else at the same moment. If it is nobody else's: ${remove}`,
  );
}
