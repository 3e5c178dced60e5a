import { readFileSync } from "node:fs";

import { GcloudFailure } from "./failure.ts";

export type ApiName = "CONTAINER" | "IAM" | "CLOUDRESOURCEMANAGER" | "SERVICEUSAGE" | "STORAGE";

// oxlint-disable-next-line typescript/no-explicit-any -- answers of any API
export type Json = any;

const NOBODY =
  "You do not currently have an active account selected.\nPlease run:\n\n  $ gcloud auth login\n\nto obtain new credentials.";

/** Asks Google's APIs where gcloud's own variables say that they are, as who its credential file says. */
export class Client {
  readonly #env: Readonly<Record<string, string | undefined>>;
  #token: Promise<string> | undefined;

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
  }

  /** @throws GcloudFailure with the message of the API */
  async ask(api: ApiName, method: string, path: string, body?: object): Promise<Json> {
    const base = this.#env[`CLOUDSDK_API_ENDPOINT_OVERRIDES_${api}`];
    if (base === undefined)
      throw new GcloudFailure(1, `this stand-in reaches nothing but what CLOUDSDK_API_ENDPOINT_OVERRIDES_${api} names`);
    const token = await (this.#token ??= this.#logIn());
    const response = await fetch(new URL(path, base), {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: Json = text === "" ? undefined : parsed(text);
    if (response.ok) return answer;
    throw new ApiFailure(api, response.status, answer?.error?.status, answer?.error?.message ?? text);
  }

  async #logIn(): Promise<string> {
    const file = this.#env["CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE"];
    if (file === undefined || file === "") throw new GcloudFailure(1, NOBODY);
    const credentials: Json = JSON.parse(readFileSync(file, "utf8"));
    const response = await fetch(credentials.token_url, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
        audience: credentials.audience,
        scope: "https://www.googleapis.com/auth/cloud-platform",
        subject_token_type: credentials.subject_token_type,
        subject_token: readFileSync(credentials.credential_source.file, "utf8"),
      }),
    });
    const answer = (await response.json()) as Json;
    if (response.ok) return answer.access_token;
    throw new GcloudFailure(1, `There was a problem refreshing your current auth tokens: ${answer.error_description}`);
  }
}

/** An API's refusal, worded as gcloud words those of that API. */
export class ApiFailure extends GcloudFailure {
  readonly status: number;

  constructor(api: ApiName, status: number, name: string | undefined, message: string) {
    const worded: Partial<Record<ApiName, string>> = {
      STORAGE: `HTTPError ${status}: ${message}`,
      CONTAINER: `ResponseError: code=${status}, message=${message}`,
    };
    super(1, worded[api] ?? `${name ?? status}: ${message}`);
    this.status = status;
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
