import { shell } from "../shell.ts";

/** The command that removes an HMAC key. Its access id is no secret: it is sent with every request in clear. */
export function removeHmacKey(accessId: string, project: string): string {
  return shell`gcloud storage hmac update ${accessId} --deactivate --project ${project} && gcloud storage hmac delete ${accessId} --project ${project}`;
}
