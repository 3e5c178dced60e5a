import { project as projectOfMachine } from "gcp-metadata";
import { Compute } from "google-auth-library";

import type { Redactor } from "../domain/redact.ts";
import { Sensitive } from "../domain/sensitive.ts";
import { orAborted } from "./abort.ts";
import { NoGoogleCredentials, refused, RefusedGoogleCredentials } from "./google-credential-errors.ts";
import { defaultClient } from "./google-default-credentials.ts";
import type { GoogleSurroundings, Sending } from "./google-transport.ts";
import { once } from "./loaded.ts";

const METADATA_MS = 1_500;

/** The tool's own identity: Application Default Credentials. */
export interface GoogleIdentity {
  /** @throws NoGoogleCredentials, RefusedGoogleCredentials; what else the library throws when Google cannot be reached */
  headers(): Promise<Headers>;
  /** The project that the environment or the credentials name. */
  project(): Promise<string | undefined>;
}

export interface IdentityInput {
  readonly env: GoogleSurroundings["env"];
  readonly redactor: Redactor;
  /** How the library sends its own requests. */
  readonly sending: Sending;
}

/** Nothing is looked for before the first call needs it; that there is none is kept as well. */
export function ownIdentity(input: IdentityInput): GoogleIdentity {
  const { env, redactor, sending } = input;
  const client = once(() => defaultClient(env, sending));
  const named = env["GOOGLE_CLOUD_PROJECT"] || env["GCLOUD_PROJECT"] || env["CLOUDSDK_CORE_PROJECT"] || undefined;
  return {
    headers: async () => {
      const found = await client();
      const headers = await found.getRequestHeaders().catch((error: unknown) => {
        throw refused(error);
      });
      const [, token = ""] = headers.get("authorization")?.split(" ") ?? [];
      // What was no answer of a token service is a token of these letters to the library.
      if (token === "" || token === "undefined")
        throw new RefusedGoogleCredentials("your Google credentials give no token: what was asked for one sent none");
      redactor.watch(new Sensitive(token));
      return headers;
    },
    project: async () => {
      if (named !== undefined) return named;
      const found = await client().catch((error: unknown) => {
        if (error instanceof NoGoogleCredentials) return undefined;
        throw error;
      });
      const own = found?.projectId ?? found?.quotaProjectId ?? undefined;
      return own === undefined && found instanceof Compute ? ofMachine() : own;
    },
  };
}

async function ofMachine(): Promise<string | undefined> {
  const asked: Promise<unknown> = projectOfMachine("project-id");
  const project = await orAborted(AbortSignal.timeout(METADATA_MS), asked).catch(() => undefined);
  return typeof project === "string" && project !== "" ? project : undefined;
}
