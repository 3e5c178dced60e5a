import { join } from "node:path";

import { getGCPResidency, HEADERS, HOST_ADDRESS } from "gcp-metadata";
import { GoogleAuth, type AuthClient } from "google-auth-library";
import { setBackend } from "google-logging-utils";

import { printable } from "../domain/text.ts";
import { orAborted } from "./abort.ts";
import { LOG_IN, NoGoogleCredentials } from "./google-credential-errors.ts";
import type { GoogleSurroundings, Sending } from "./google-transport.ts";

/** What the library makes of a file of credentials, and the options that it takes for that. */
type FromFile = GoogleAuth["_getApplicationCredentialsFromFilePath"];
type FileClient = Awaited<ReturnType<FromFile>>;
type FileOptions = Parameters<FromFile>[1];

type Environment = GoogleSurroundings["env"];

// GOOGLE_SDK_NODE_LOGGING would have the library write tokens to standard error.
setBackend(null);

const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const METADATA_MS = 1_500;

class MissingFile extends NoGoogleCredentials {}

/**
 * Who the library finds, with Application Default Credentials.
 * @throws NoGoogleCredentials
 */
export async function defaultClient(env: Environment, sending: Sending): Promise<AuthClient> {
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
function wellKnownFile(env: Environment): string | undefined {
  const home = env["HOME"] === undefined ? undefined : join(env["HOME"], ".config", "gcloud");
  const windows = env["APPDATA"] === undefined ? undefined : join(env["APPDATA"], "gcloud");
  const folder = env["CLOUDSDK_CONFIG"] || windows || home;
  return folder === undefined ? undefined : join(folder, "application_default_credentials.json");
}

/**
 * The library's own look-up, with two differences: the environment is the one that was given, and the metadata server is
 * asked only where something says that there is one, because elsewhere that takes seconds and ends in a warning.
 */
class DefaultCredentials extends GoogleAuth {
  readonly #env: Environment;

  constructor(env: Environment, sending: Sending) {
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
    const detection = this.#env["METADATA_SERVER_DETECTION"]?.trim().toLowerCase();
    if (detection === "none") return false;
    if (detection === "assume-present") return true;
    const isNamed = ["GCE_METADATA_HOST", "GCE_METADATA_IP"].some((name) => this.#env[name]);
    if (detection !== "ping-only" && !isNamed)
      return getGCPResidency() || (this.#env["KUBERNETES_SERVICE_HOST"] !== undefined && answersAsGoogle());
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

/** Whether a metadata server of Google's answers: a pod in a sandbox does not see what machine it is on. */
async function answersAsGoogle(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(METADATA_MS);
    const { headers } = await fetch(HOST_ADDRESS, { headers: HEADERS, redirect: "manual", signal });
    return headers.get("metadata-flavor") === "Google";
  } catch {
    return false;
  }
}
