import { describeSource, refOfSource, type EffectiveEnvironment, type Supply } from "../../domain/env/effective.ts";
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
      return found.filter((one, i, list) => list.findIndex((other) => other.message === one.message) === i);
    }
    if (judged.every((one) => one.variables[ACCESS_KEY_ID] === undefined))
      return cluster === undefined || judged.length > 0 ? { skip: "there is no access key to look at" } : [];
    const unread = unreadReason(judged);
    return unread === undefined ? [] : { skip: unread };
  },
});

function faults({ variables }: EffectiveEnvironment, cluster: ClusterFacts | undefined, namespace: string): Finding[] {
  const id = variables[ACCESS_KEY_ID]?.from;
  const secret = variables[SECRET_ACCESS_KEY]?.from;
  const token = variables[SESSION_TOKEN]?.from;
  const tell = (
    cause: string,
    severity: Severity,
    at: Supply,
    what: string,
    want: string,
    advice?: string,
  ): Finding => {
    const subject = refOfSource(at.source, namespace);
    const message = `${at.key} in ${describeSource({ ...at.source, prefix: "" })} ${what}`;
    const evidence = [{ label: at.key, want, path: `/data/${at.key}` }];
    const fixes = [...(advice === undefined ? [] : [edit(advice)]), writeKeys(cluster, subject)];
    return finding(cause, severity, subject, message, { evidence, fixes });
  };
  if (id === undefined || id.facts.unread) return [];
  const { form } = id.facts;
  if (form === "secret" || form === "service-account-json") {
    if (secret !== undefined && isKeyId(secret.facts)) {
      return [
        tell(
          "value.swapped",
          "critical",
          id,
          `holds the secret, and ${secret.key} the key id: they are swapped, and the secret went into access logs as a name`,
          "the key id",
          "take a new key: this one has been sent where names are logged",
        ),
      ];
    }
    return form === "secret"
      ? [tell("aws.id-is-not-a-key", "error", id, "has the form of a secret, not of a key id", "AKIA…")]
      : [tell("aws.id-is-not-a-key", "error", id, "is the JSON of a Google service account", "an HMAC key id (GOOG…)")];
  }
  if (form === "aws-other-id") {
    const what = "is the unique id of a user, role or policy, not an access key";
    return [tell("aws.id-is-not-a-key", "error", id, what, "AKIA… of an access key")];
  }
  const found = [...lengthFaults(id, secret, variables[ENDPOINT_URL]?.from?.facts, tell)];
  const hasToken = variables[SESSION_TOKEN] !== undefined && (token === undefined || token.facts.characters > 0);
  if (form === "aws-temporary-key-id" && !hasToken) {
    const what = `is a temporary key (ASIA), and ${SESSION_TOKEN} is not set: AWS answers InvalidAccessKeyId`;
    found.push(tell("aws.asia-without-token", "error", id, what, "a key of an IAM user (AKIA…)"));
  } else if (form === "aws-temporary-key-id") {
    const what = "is a temporary key (ASIA): it stops working within hours";
    found.push(tell("aws.asia-in-secret", "warning", id, what, "a key of an IAM user (AKIA…)"));
  } else if (form === "aws-key-id" && token !== undefined && token.facts.characters > 0) {
    const what = `stands beside a long-term key (AKIA), left over from another one: AWS answers InvalidToken`;
    found.push(tell("aws.akia-with-token", "error", token, what, `no ${SESSION_TOKEN}`, `remove ${SESSION_TOKEN}`));
  }
  return found;
}

type Tell = (cause: string, severity: Severity, at: Supply, what: string, want: string) => Finding;

/**
 * Keys of AWS and Google have fixed lengths (https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html,
 * https://cloud.google.com/storage/docs/authentication/hmackeys); other stores take what they like.
 */
function lengthFaults(id: Supply, secret: Supply | undefined, endpoint: KeyFacts | undefined, tell: Tell): Finding[] {
  const { form, characters } = id.facts;
  const ofAws = form === "aws-key-id" || form === "aws-temporary-key-id";
  // MinIO takes a key that looks like one of AWS.
  const elsewhere = endpoint?.endpoint !== undefined && !["aws", "gcs"].includes(endpoint.endpoint.host);
  if (elsewhere || !(ofAws || form === "gcs-hmac-id")) return [];
  const found: Finding[] = [];
  const wanted = ofAws ? [20] : [61, 24];
  if (!wanted.includes(characters) && isWhole(id.facts)) {
    const what = `has ${characters} characters; a key id of ${ofAws ? "AWS" : "Google"} has ${wanted.join(" or ")}`;
    found.push(tell("value.truncated", "error", id, what, `${wanted.join(" or ")} characters`));
  }
  if (secret !== undefined && !secret.facts.unread && isWhole(secret.facts) && secret.facts.characters !== 40) {
    const what = `has ${secret.facts.characters} characters; a secret of ${ofAws ? "AWS" : "Google"} has 40`;
    found.push(tell("value.truncated", "error", secret, what, "40 characters"));
  }
  return found;
}

/** Nothing else is wrong with it that would change its length. */
function isWhole({ shape }: KeyFacts): boolean {
  return shape.every((one) => ["trailing-newline", "crlf", "leading-trailing-space", "quotes"].includes(one));
}

function isKeyId({ form }: KeyFacts): boolean {
  return form === "aws-key-id" || form === "aws-temporary-key-id" || form === "gcs-hmac-id";
}
