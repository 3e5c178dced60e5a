import { expect } from "vitest";

/** Secret values of the tests. No byte of one may appear in anything that the tool prints or writes. */
export const CANARY_ID = "AKIACANARYQ7XKEYID01";
export const CANARY_SECRET = "cAnArY/sEcReT+q7x0000000000000000000001X";
export const CANARY_SECRET_2 = "cAnArY/sEcReT+q7x0000000000000000000002X";
/** Of the tool's own identity on AWS. */
export const CANARY_OWN_SECRET = "cAnArY/sEcReT+q7x0000000000000000000003X";
/** What secrets and tokens begin with that the in-process AWS server hands out. */
export const CANARY_STEM = CANARY_SECRET.slice(0, 22);

const SECRETS = [CANARY_SECRET, CANARY_SECRET_2, CANARY_OWN_SECRET];

/** `{"alg":"RS256",`: every token of a ServiceAccount begins with it, in both lanes. */
const TOKEN = toBase64('{"alg":"RS256",').slice(0, 20);

/** The longest parts that would betray a value, in each form it can take. */
const FORMS = [
  ...SECRETS.flatMap((secret) => [
    secret,
    secret.slice(0, 22),
    toBase64(secret),
    toBase64(secret).slice(0, 24),
    encodeURIComponent(secret.slice(0, 22)),
  ]),
  TOKEN,
];

export function expectNoCanary(text: string, where: string): void {
  for (const form of FORMS) expect(text.includes(form), `a secret value in ${where}`).toBe(false);
}

/** What the secrets in the checks' fixtures begin with. */
const OF_FIXTURES = ["FIXTUREsecret", "wJalrXUtn", "correct-horse"];
/** In base64 without its last letters, which are made of what follows as well. */
const ANY_OF_FIXTURES = [...FORMS, ...OF_FIXTURES.flatMap((start) => [start, toBase64(start).slice(0, -4)])];

/** As `expectNoCanary`, for what is made of a check's fixture. */
export function expectNoFixtureSecret(text: string, where: string): void {
  const found = ANY_OF_FIXTURES.find((form) => text.includes(form));
  expect(found === undefined, `a secret value in ${where}`).toBe(true);
}

function toBase64(text: string): string {
  return Buffer.from(text).toString("base64");
}
