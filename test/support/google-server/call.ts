import type { Answer } from "./answer.ts";
import type { Caller } from "./caller.ts";
import { errorInfo, Refusal, type ErrorStyle } from "./refusal.ts";
import type { GoogleRequest, Json } from "./request.ts";
import type { State } from "./state.ts";

/** A call that has come as far as its API. */
export interface Call {
  readonly request: GoogleRequest;
  readonly body: Json;
  readonly caller: Caller;
  readonly state: State;
}

/** One method of an API. */
export interface Route {
  /** As Google names it: `iam.projects.serviceAccounts.get`. */
  readonly operation: string;
  /** That it takes; "" for none. */
  readonly permission: string;
  readonly method: string;
  /** Below the API's own address, each group a part that is decoded. */
  readonly path: RegExp;
  readonly run: (call: Call, ...parts: string[]) => Answer | object | Promise<Answer | object>;
}

export interface Api {
  /** Host at Google, e.g. `iam.googleapis.com`. */
  readonly host: string;
  /** Where it stands here: `/iam/`. */
  readonly prefix: string;
  readonly style: ErrorStyle;
  readonly routes: readonly Route[];
}

/** @throws Refusal when an API is not switched on in a project */
export function assertSwitchedOn(state: State, project: string | undefined, service: string, title: string): void {
  const found = project === undefined ? undefined : state.projectOf(project);
  if (found?.services.get(service) !== "DISABLED") return;
  const address = `https://console.developers.google.com/apis/api/${service}/overview?project=${found.number}`;
  const message = `${title} has not been used in project ${found.number} before or it is disabled. Enable it by visiting ${address} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.`;
  throw new Refusal(403, "PERMISSION_DENIED", message, [
    errorInfo("SERVICE_DISABLED", "googleapis.com", {
      consumer: `projects/${found.number}`,
      service,
      serviceTitle: title,
      containerInfo: found.number,
      activationUrl: address,
    }),
  ]);
}
