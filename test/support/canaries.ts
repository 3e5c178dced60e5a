import { expect } from "vitest";

/** Secret values of the tests. No byte of one may appear in anything that the tool prints or writes. */
export const CANARY_ID = "AKIACANARYQ7XKEYID01";
export const CANARY_SECRET = "cAnArY/sEcReT+q7x0000000000000000000001X";
export const CANARY_SECRET_2 = "cAnArY/sEcReT+q7x0000000000000000000002X";

const SECRETS = [CANARY_SECRET, CANARY_SECRET_2];

/** The longest parts that would betray a value, in each form it can take. */
const FORMS = SECRETS.flatMap((secret) => [
  secret,
  secret.slice(0, 22),
  Buffer.from(secret).toString("base64"),
  Buffer.from(secret).toString("base64").slice(0, 24),
  encodeURIComponent(secret),
]);

export function expectNoCanary(text: string, where: string): void {
  for (const form of FORMS) expect(text.includes(form), `a secret value in ${where}`).toBe(false);
}
