import { setTimeout as delay } from "node:timers/promises";

import { interrupted } from "../domain/errors.ts";
import type { GkeName } from "../domain/google-facts.ts";
import { printable } from "../domain/text.ts";
import { GoogleError } from "../ports.ts";
import { list, text, within } from "./google-answer.ts";
import { path, type GoogleConnection, type Json } from "./google-connection.ts";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** The nodes of a pool are made anew one after the other; GKE itself gives up after a day. */
const LONGEST_MS = 60 * 60_000;

/**
 * Waits until GKE has done what it was asked to.
 * @throws GoogleError when it failed, or takes longer than an hour; UserError when the user interrupted: it goes on there
 */
export async function awaitOperation(
  { read, transport, signal }: GoogleConnection,
  { project, location }: GkeName,
  name: string,
): Promise<void> {
  const action = "container.operations.get";
  const place = path`/v1/projects/${project}/locations/${location}/operations/${name}`;
  const until = Date.now() + LONGEST_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const operation = await read({ api: "CONTAINER", action, path: place });
    const status = text(operation, "status");
    if (status === "DONE") return failIfFailed(operation, action);
    if (status === undefined) throw new GoogleError("malformed", action, "Google sent an operation without status");
    if (Date.now() + pauseMs > until)
      throw new GoogleError("timeout", action, `GKE has not finished operation ${printable(name)} within an hour`);
    await delay(pauseMs, undefined, transport.isShielded ? {} : { signal }).catch(() => {
      throw interrupted(`interrupted; GKE goes on with operation ${printable(name)}`);
    });
  }
}

/** Fields of an error that GKE reports: `error` (google.rpc.Status), and `clusterConditions` beside it. */
function failIfFailed(operation: Json, action: string): void {
  const message =
    text(within(operation, "error"), "message") ?? text(list(operation, "clusterConditions")[0] ?? {}, "message");
  if (message !== undefined && message !== "")
    throw new GoogleError("server-error", action, `GKE could not do it: ${printable(message)}`);
}
