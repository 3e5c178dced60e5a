import { distinctBy } from "../../domain/distinct.ts";
import {
  describeSource,
  isComplete,
  refOfSource,
  type EffectiveEnvironment,
  type Supply,
} from "../../domain/env/effective.ts";
import { ACCESS_KEY_ID, ENDPOINT_URL, SECRET_ACCESS_KEY, SESSION_TOKEN } from "../../domain/env/static-keys.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { edit, finding, type Finding, type Severity } from "../../domain/finding.ts";
import { writeKeys } from "../../domain/fixes.ts";
import { GET_SECRETS } from "../../domain/grants.ts";
import type { KeyFacts } from "../../domain/values/classify.ts";
import { defineCheck } from "../define.ts";
import { judgedEnvironments, unreadReason } from "./judged-environments.ts";

export default defineCheck({
  code: "ANT0212",
  slug: "key-shape",
  title: "Access key, secret and session token are what they should be, and belong together",
  area: "values",
  scopes: ["cluster", "values"],
  causes: [
    "aws.akia-with-token",
    "aws.asia-in-secret",
    "aws.asia-without-token",
    "aws.id-is-not-a-key",
    "value.swapped",
    "value.truncated",
  ],
  needs: ["cluster", "environments"],
  after: ["ANT0201"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [GET_SECRETS],
  run: ({ cluster, environments = [] }, { target }) => {
    const judged = judgedEnvironments(cluster, environments);
    const found = judged.flatMap((one) => faults(one, cluster, target.namespace));
    if (found.length > 0) {
      return distinctBy(found, ({ message }) => message);
    }
    if (judged.every((one) => one.variables[ACCESS_KEY_ID] === undefined))
      return judged.every(isComplete) ? { skip: "there is no access key to look at" } : [];
    const unread = unreadReason(judged, [ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN]);
    return unread === undefined ? [] : { skip: unread };
  },
});

/** The three values of one environment, and a finding about one of them. */
interface Credential {
  readonly id: Supply;
  readonly secret: Supply | undefined;
  readonly token: Supply | undefined;
  readonly tell: Tell;
}

/** `what` goes on after `AWS_ACCESS_KEY_ID in Secret x`. */
type Tell = (
  cause: string,
  severity: Severity,
  at: Supply,
  text: { readonly what: string; readonly want: string; readonly advice?: string },
) => Finding;

function faults({ variables }: EffectiveEnvironment, cluster: ClusterFacts | undefined, namespace: string): Finding[] {
  const id = variables[ACCESS_KEY_ID]?.from;
  if (id === undefined || id.facts.unread) return [];
  const tell: Tell = (cause, severity, at, { what, want, advice }) => {
    const subject = refOfSource(at.source, namespace);
    const message = `${at.key} in ${describeSource({ ...at.source, prefix: "" })} ${what}`;
    const evidence = [{ label: at.key, want, path: `/data/${at.key}` }];
    const fixes = [...(advice === undefined ? [] : [edit(advice)]), writeKeys(cluster, subject)];
    return finding(cause, severity, subject, message, { evidence, fixes });
  };
  const secret = variables[SECRET_ACCESS_KEY]?.from;
  const credential = { id, secret, token: variables[SESSION_TOKEN]?.from, tell };
  if (id.facts.form === "secret" && secret !== undefined && isKeyId(secret.facts)) return [swapped(credential, secret)];
  if (id.facts.form === "service-account-json") {
    const what = "is the JSON of a Google service account, not a key id";
    return [tell("aws.id-is-not-a-key", "error", id, { what, want: "an HMAC key id (GOOG…)" })];
  }
  // Other stores take what they like, also what looks like a key of AWS.
  const host = variables[ENDPOINT_URL]?.from?.facts.endpoint?.host;
  const elsewhere = host !== undefined && host !== "aws" && host !== "gcs";
  if (elsewhere || cluster?.configured.endpoint === true) return [];
  return [...notAKey(credential), ...lengthFaults(credential), ...tokenFaults(credential)];
}

function swapped({ id, tell }: Credential, secret: Supply): Finding {
  return tell("value.swapped", "critical", id, {
    what: `holds the secret, and ${secret.key} the key id: they are swapped, and every request shows the secret as a name`,
    want: "the key id",
    advice: "take a new key if this one was ever used like that, for names are written into logs",
  });
}

function notAKey({ id, tell }: Credential): Finding[] {
  if (id.facts.form === "secret") {
    const what = "has the form of a secret, not of a key id";
    return [tell("aws.id-is-not-a-key", "error", id, { what, want: "AKIA…" })];
  }
  if (id.facts.form !== "aws-other-id") return [];
  const what = "is the id of something else in AWS (a user, a role, a policy), not an access key";
  return [tell("aws.id-is-not-a-key", "error", id, { what, want: "AKIA…" })];
}

/**
 * Keys of AWS and Google have fixed lengths (https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html,
 * https://cloud.google.com/storage/docs/authentication/hmackeys).
 */
function lengthFaults({ id, secret, tell }: Credential): Finding[] {
  if (!isKeyId(id.facts)) return [];
  const google = id.facts.form === "gcs-hmac-id";
  const issuer = google ? "Google" : "AWS";
  const lengths = google ? [61, 24] : [20];
  const found: Finding[] = [];
  if (!lengths.includes(id.facts.characters) && isWhole(id.facts)) {
    const want = `${lengths.join(" or ")} characters`;
    const what = `has ${id.facts.characters} characters; a key id of ${issuer} has ${lengths.join(" or ")}`;
    found.push(tell("value.truncated", "error", id, { what, want }));
  }
  if (secret !== undefined && isWhole(secret.facts) && secret.facts.characters !== 40) {
    const what = `has ${secret.facts.characters} characters; a secret of ${issuer} has 40`;
    found.push(tell("value.truncated", "error", secret, { what, want: "40 characters" }));
  }
  return found;
}

/** Read, and with nothing else wrong that would change its length. */
function isWhole({ unread, shape }: KeyFacts): boolean {
  return (
    !unread && shape.every((one) => ["trailing-newline", "crlf", "leading-trailing-space", "quotes"].includes(one))
  );
}

function tokenFaults({ id, token, tell }: Credential): Finding[] {
  const { form } = id.facts;
  const hasToken = token !== undefined && (token.facts.unread || token.facts.characters > 0);
  if (form === "aws-temporary-key-id") {
    const want = "a key of an IAM user (AKIA…)";
    if (!hasToken) {
      const what = `is a temporary key (ASIA), and there is no ${SESSION_TOKEN}: AWS answers InvalidAccessKeyId`;
      return [tell("aws.asia-without-token", "error", id, { what, want })];
    }
    const what = "is a temporary key (ASIA): it expires after 36 hours at the latest";
    return [tell("aws.asia-in-secret", "warning", id, { what, want })];
  }
  if (form !== "aws-key-id" || !hasToken || token.facts.unread) return [];
  const what = "is left over from another key: beside a long-term one (AKIA) AWS answers InvalidToken";
  const left = tell("aws.akia-with-token", "error", token, { what, want: "not set" });
  return [{ ...left, fixes: [edit(`remove ${token.key} from ${describeSource({ ...token.source, prefix: "" })}`)] }];
}

function isKeyId({ form }: KeyFacts): boolean {
  return form === "aws-key-id" || form === "aws-temporary-key-id" || form === "gcs-hmac-id";
}
