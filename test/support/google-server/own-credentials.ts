import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { OWN_AUDIENCE } from "./sts.ts";

export interface OwnCredentials {
  /** File that `GOOGLE_APPLICATION_CREDENTIALS` names. */
  readonly file: string;
  remove(): void;
}

/** The files of the tool's own identity: Application Default Credentials of the kind `external_account`, as a CI system has. */
export function writeOwnCredentials(url: string, number: string, subject: string): OwnCredentials {
  const folder = mkdtempSync(join(tmpdir(), "antfly-creds-google-"));
  const token = join(folder, "subject-token");
  const file = join(folder, "credentials.json");
  writeFileSync(token, subject, { mode: 0o600 });
  const credentials = {
    type: "external_account",
    audience: `//iam.googleapis.com/projects/${number}${OWN_AUDIENCE}`,
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: `${url}/sts/v1/token`,
    token_info_url: `${url}/sts/v1/introspect`,
    credential_source: { file: token, format: { type: "text" } },
    universe_domain: "googleapis.com",
  };
  writeFileSync(file, JSON.stringify(credentials, null, 2), { mode: 0o600 });
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
