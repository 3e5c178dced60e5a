import { join } from "node:path";

import { getGCPResidency } from "gcp-metadata";
import { GoogleAuth, type AuthClient } from "google-auth-library";

import type { Redactor } from "../domain/redact.ts";
import { Sensitive } from "../domain/sensitive.ts";
import { printable } from "../domain/text.ts";
import { orAborted } from "./abort.ts";
import { once } from "./loaded.ts";
import type { Sending } from "./google-transport.ts";
import { networkCode } from "./network-errors.ts";

/** What the library makes of a file of credentials, and the options that it takes for that. */
type FromFile = GoogleAuth["_getApplicationCredentialsFromFilePath"];
type FileClient = Awaited<ReturnType<FromFile>>;
type FileOptions = Parameters<FromFile>[1];

const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const METADATA_MS = 1_500;
const LOG_IN = "gcloud auth application-default login";

/** No identity of one's own could be had; the message says what was tried and what to do. */
export class NoGoogleCredentials extends Error {}

/** There is one, and Google gives it no token: it has run out, was revoked, or is not known. */
export class RefusedGoogleCredentials extends Error {}

/** The tool's own identity: Application Default Credentials. */
export interface GoogleIdentity {
  /** @throws NoGoogleCredentials, RefusedGoogleCredentials; what else the library throws when Google cannot be reached */
  headers(): Promise<Headers>;
  /** The project that the environment or the credentials name. */
  project(): Promise<string | undefined>;
}

export interface IdentityInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly redactor: Redactor;
  /** How the library sends its own requests. */
  readonly sending: Sending;
}

/** Nothing is looked for before the first call needs it; that there is none is kept as well. */
export function ownIdentity(input: IdentityInput): GoogleIdentity {
  const { env, redactor, sending } = input;
  const client = once(() => clientOf(env, sending));
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
      return found?.projectId ?? found?.quotaProjectId ?? undefined;
    },
  };
}

/**
 * The library's own look-up, with two differences: the environment is the one that was given, and the metadata server is
 * asked only where something says that there is one, because elsewhere that takes seconds and ends in a warning.
 */
class DefaultCredentials extends GoogleAuth {
  readonly #env: IdentityInput["env"];

  constructor(env: IdentityInput["env"], sending: Sending) {
    // With a project the library does not run gcloud, nor ask the metadata server, to find one.
    super({ scopes: [SCOPE], projectId: "-", clientOptions: { transporterOptions: sending } });
    this.#env = env;
  }

  override async _tryGetApplicationCredentialsFromEnvironmentVariable(
    options?: FileOptions,
  ): Promise<FileClient | null> {
    const file = this.#env["GOOGLE_APPLICATION_CREDENTIALS"];
    return file ? this.#from(file, "the file that GOOGLE_APPLICATION_CREDENTIALS names", options) : null;
  }

  override async _tryGetApplicationCredentialsFromWellKnownFile(options?: FileOptions): Promise<FileClient | null> {
    const file = wellKnownFile(this.#env);
    if (file === undefined) return null;
    try {
      return await this.#from(file, `${file}, which ${LOG_IN} writes`, options);
    } catch (error) {
      if (error instanceof MissingFile) return null;
      throw error;
    }
  }

  override async _checkIsGCE(): Promise<boolean> {
    const isSaid = ["METADATA_SERVER_DETECTION", "GCE_METADATA_HOST", "GCE_METADATA_IP"].some(
      (name) => this.#env[name],
    );
    if (!isSaid) return getGCPResidency();
    return orAborted(AbortSignal.timeout(METADATA_MS), super._checkIsGCE()).catch(() => false);
  }

  async #from(file: string, what: string, options: FileOptions): Promise<FileClient> {
    try {
      return await this._getApplicationCredentialsFromFilePath(file, options);
    } catch (error) {
      const { code, message } = error as { code?: unknown; message?: string };
      if (code === "ENOENT" || message?.includes("does not exist, or it is not a file") === true)
        throw new MissingFile(`${what} is not there`);
      if (code === "EACCES") throw new NoGoogleCredentials(`${what} may not be read`);
      throw new NoGoogleCredentials(`${what} holds no credentials that Google's library knows`);
    }
  }
}

class MissingFile extends NoGoogleCredentials {}

async function clientOf(env: IdentityInput["env"], sending: Sending): Promise<AuthClient> {
  try {
    return await new DefaultCredentials(env, sending).getClient();
  } catch (error) {
    if (error instanceof NoGoogleCredentials)
      throw new NoGoogleCredentials(`no Google credentials: ${printable(error.message)}; ${LOG_IN} writes new ones`);
    const where = wellKnownFile(env) ?? "the file of gcloud";
    throw new NoGoogleCredentials(
      `no Google credentials: GOOGLE_APPLICATION_CREDENTIALS is not set, ${printable(where)} is not there, and this is no machine of Google's; ${LOG_IN} gives you some`,
    );
  }
}

/** Where gcloud keeps Application Default Credentials. */
function wellKnownFile(env: IdentityInput["env"]): string | undefined {
  const home = env["HOME"] === undefined ? undefined : join(env["HOME"], ".config", "gcloud");
  const windows = env["APPDATA"] === undefined ? undefined : join(env["APPDATA"], "gcloud");
  const folder = env["CLOUDSDK_CONFIG"] || windows || home;
  return folder === undefined ? undefined : join(folder, "application_default_credentials.json");
}

/** Why there is no token: what the endpoint said, by its code alone, since its words may hold what was sent. */
function refused(error: unknown): unknown {
  const { status, response } = error as { status?: unknown; response?: { status?: number; data?: unknown } };
  const answered = response?.status ?? (typeof status === "number" ? status : undefined);
  if (answered === undefined) {
    if (networkCode(error) !== undefined) return error;
    return new RefusedGoogleCredentials("your Google credentials cannot be used to get a token");
  }
  if (answered >= 500 || answered === 429) return error;
  const { error: said } = (response?.data ?? {}) as { error?: unknown };
  const code = typeof said === "string" ? ` (${printable(said).slice(0, 100)})` : "";
  return new RefusedGoogleCredentials(
    `Google gives your credentials no token${code}: they have run out, were revoked, or are not known; ${LOG_IN} renews a person's`,
  );
}
