/** `s3://KEY:SECRET@bucket`: a secret may have a slash in it. */
const LOGIN = /^([a-z][a-z0-9+.-]*:\/\/)(?:[^/]*:.*|[^/]*)@/i;
const HIDDEN = "(not shown)@";

/** Where a backup lies, without the keys that somebody wrote into it: locations are printed and saved. */
export function withoutLogin(location: string): string {
  return location.replace(LOGIN, `$1${HIDDEN}`);
}

/** What `withoutLogin` gives of a location with keys in it. */
export function heldLogin(location: string): boolean {
  return location.includes(`://${HIDDEN}`);
}
