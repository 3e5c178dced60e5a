import { ACCESS_KEY_ID } from "../domain/env/static-keys.ts";
import { removeHmacKey } from "../domain/gcp/remove-hmac-key.ts";
import { shell } from "../domain/shell.ts";
import { printable } from "../domain/text.ts";
import { CloudError, type Google, type SecretObject } from "../ports.ts";
import type { LeftBy } from "./earlier-run.ts";

/** By so much this machine's clock may be ahead of Google's, milliseconds. */
const SKEW_MS = 5 * 60_000;

/**
 * Keys that a run that was cut off may have made and not come to write down: made since it began, and not in the Secret.
 * Somebody else may have made one at the same time, so that they are named and left.
 */
export function hmacLeftBy(google: Google, held: SecretObject["data"]): LeftBy {
  return async ({ do: kind, account, project }, { startedAt }) => {
    if (kind !== "google.hmac.create" || account === undefined || project === undefined) return undefined;
    const inSecret = held[ACCESS_KEY_ID]?.reveal();
    const id = inSecret === undefined ? undefined : Buffer.from(inSecret).toString("utf8");
    try {
      const keys = await google.listHmacKeys(project, account);
      const left = keys.filter(
        ({ accessId, state, createdAt = startedAt }) =>
          state !== "DELETED" && accessId !== id && Date.parse(createdAt) >= Date.parse(startedAt) - SKEW_MS,
      );
      if (left.length === 0) return undefined;
      const lines = left.map(
        ({ accessId, createdAt = "" }) =>
          `\n    ${printable(accessId)}, made ${printable(createdAt)}: ${removeHmacKey(accessId, project)}`,
      );
      return `it may be done: these keys of ${account} were made since then, and the Secret does not hold them. What is nobody else's can go:${lines.join("")}`;
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      const list = shell`gcloud storage hmac list --service-account ${account} --project ${project}`;
      return `it may be done, and the keys of the account could not be listed (${printable(error.message)}): ${list}`;
    }
  };
}
