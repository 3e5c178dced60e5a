import type { Clues } from "./clues.ts";
import { high, low, medium, type Symptom } from "./symptom.ts";
import { theAccount, theEmail } from "./words.ts";

/** What a service account's address looks like; the names that Google gives default ones included. */
const GOOD_EMAIL =
  /^[a-z][a-z0-9-]{4,28}[a-z0-9]@[a-z0-9.:-]+\.iam\.gserviceaccount\.com$|@(developer|appspot)\.gserviceaccount\.com$/;
function isWellFormed({ email }: Clues): boolean {
  return email !== undefined && GOOD_EMAIL.test(email);
}

/** GKE Workload Identity and service account keys (failure catalogue, section 5). */
export const GOOGLE: readonly Symptom[] = [
  {
    topic: "google",
    seen: /Identity Pool does not exist/i,
    means: [
      high(
        "gke.identity-pool-missing",
        (c) =>
          `Project ${c.project ?? "of the member"} has no workload identity pool: no cluster in it has Workload Identity yet, or the project id is wrong.`,
      ),
      medium("gke.pool-disabled", "The cluster may not have Workload Identity enabled."),
      medium("gke.binding-member-typo", "The member may name another project than the cluster's."),
    ],
  },
  {
    topic: "google",
    seen: /GCE metadata "[^"]{1,200}" not defined/i,
    means: [
      high("gke.metadata-not-defined", (c) => `The metadata server has no identity for ${theAccount(c)}.`),
      medium("gke.annotation-missing", "The ServiceAccount may not be annotated."),
      medium("gke.binding-missing", "Or the annotated account does not admit it."),
    ],
  },
  {
    topic: "google",
    seen: /deleted:serviceAccount:/i,
    means: [
      high(
        "gke.gsa-recreated",
        "A binding still names the deleted account of that name, not the one that was made since.",
      ),
    ],
  },
  {
    topic: "google",
    seen: /service account \S{0,120}(?:gserviceaccount\.com|\d{15,}|…)\S{0,20} is disabled|account_disabled|USER_PROJECT_ACCOUNT_DISABLED/i,
    means: [high("gke.gsa-disabled", (c) => `${theEmail(c)} is disabled.`)],
  },
  {
    topic: "google",
    // What IAM says of a member of a policy that is not there, and of a policy of its own that it would have.
    seen: /service account \S{0,200}gserviceaccount\.com\S{0,20} does not exist/i,
    means: [
      high("gke.gsa-missing", (c) => `${theEmail(c)} does not exist, or was made a moment ago.`),
      medium("gke.annotation-value", "The annotation may name the account wrongly."),
    ],
  },
  {
    topic: "google",
    seen: /Gaia id not found for email/i,
    means: [
      high(
        "gke.annotation-value",
        (c) => `${c.email ?? "What the annotation holds"} is no address of a service account.`,
        (c) => !isWellFormed(c),
      ),
      medium(
        "gke.annotation-value",
        (c) => `Google knows no account ${c.email ?? ""}: name or project in the annotation may be wrong.`,
        isWellFormed,
      ),
      medium("gke.gsa-missing", (c) => `${theEmail(c)} does not exist, or was deleted.`),
    ],
  },
  {
    topic: "google",
    seen: /IAM Service Account Credentials API has not been used|iamcredentials\.googleapis\.com.{0,200}(?:SERVICE_DISABLED|has not been used|it is disabled)|SERVICE_DISABLED.{0,300}iamcredentials/i,
    means: [
      high(
        "gke.iamcredentials-api-off",
        "The IAM Service Account Credentials API is off in the service account's project.",
      ),
    ],
  },
  {
    topic: "google",
    seen: /\bSERVICE_DISABLED\b/i,
    unless: /[a-z]+\.googleapis\.com|[A-Z]\w+ API has not been used/,
    means: [
      medium(
        "gke.iamcredentials-api-off",
        "An API that is needed is off; for Workload Identity that is iamcredentials.googleapis.com.",
      ),
    ],
  },
  {
    topic: "google",
    seen: /iam\.serviceAccounts\.getAccessToken/i,
    means: [
      medium(
        "gke.binding-missing",
        (c) => `${theEmail(c)} does not let ${theAccount(c)} act for it, or Google does not say whether it exists.`,
      ),
      medium(
        "gke.binding-member-typo",
        "A binding may be there with a member that is written wrong: brackets, project id, namespace.",
      ),
      medium("gke.gsa-missing", (c) => `${theEmail(c)} may not exist: Google gives the same answer.`),
      medium(
        "gke.annotation-shadows-direct",
        "With a grant to the ServiceAccount itself, the annotation is one too many.",
      ),
      medium("gke.annotation-value", "The annotation may name the account wrongly."),
      low("gke.binding-propagation", "A binding that was just made takes some minutes to work."),
    ],
  },
  {
    topic: "google",
    seen: /IAM_PERMISSION_DENIED/i,
    unless:
      /storage\.(?:objects|buckets)\.|secretmanager|(?:compute|container|pubsub|bigquery|run|cloudsql|logging|monitoring)\./i,
    means: [medium("gke.binding-missing", (c) => `${theEmail(c)} does not let ${theAccount(c)} act for it.`)],
  },
  {
    topic: "google",
    seen: /insufficient authentication scopes|ACCESS_TOKEN_SCOPE_INSUFFICIENT/i,
    means: [
      high(
        "gke.nodepool-metadata",
        "The token has the node's scopes: the pod speaks with the node's service account, not with its own.",
      ),
    ],
  },
  {
    topic: "google",
    seen: /Invalid JWT Signature/i,
    means: [
      high(
        "gke.json-key-invalid",
        (c) => `Google does not know the key of ${theEmail(c)}: it was deleted or disabled, or the JSON was mangled.`,
      ),
    ],
  },
  {
    topic: "google",
    seen: /invalid_grant.{0,60}account not found/i,
    means: [
      high("gke.json-key-account-missing", (c) => `${theEmail(c)}, which the JSON key belongs to, does not exist.`),
    ],
  },
  {
    topic: "google",
    seen: /must be a short-lived token \(60 minutes\)/i,
    means: [high("gke.json-key-clock", "Google found the token's times out of range: the clock of the node is wrong.")],
  },
  {
    topic: "google",
    seen: /\binvalid_grant\b/i,
    when: (c) =>
      /oauth2\.googleapis|gserviceaccount|google\.auth|gcs|gs:\/\//i.test(c.flat) || c.flat === "invalid_grant",
    means: [
      medium(
        "gke.json-key-invalid",
        "Google refused the token that was signed with a JSON key: the key may be deleted or disabled.",
      ),
      medium("gke.json-key-account-missing", "The key's service account may not exist any more."),
      low("gke.json-key-clock", "Or the clock of the node is wrong."),
    ],
  },
  {
    topic: "google",
    seen: /private key should be a PEM|no start line|DECODER routines::unsupported|Invalid PEM formatted message/i,
    when: (c) => /google|gcs|gs:\/\/|service.?account|client_email/i.test(c.flat),
    means: [
      medium(
        "gke.json-key-newlines",
        "The private_key of the JSON key is no PEM: its line breaks are most likely the two characters \\n.",
      ),
    ],
  },
  {
    topic: "no-credentials",
    seen: /could not find default credentials|DefaultCredentialsError|Could not load the default credentials/i,
    means: [
      medium(
        "gke.gac-shadows",
        "GOOGLE_APPLICATION_CREDENTIALS may point to a file that is not there; it is tried first.",
      ),
      medium("gke.metadata-not-defined", "The pod may have no identity on the metadata server."),
    ],
  },
  {
    topic: "no-credentials",
    seen: [
      /GOOGLE_APPLICATION_CREDENTIALS/,
      /no such file|does not exist|not found|cannot read|ENOENT|file name too long|ENAMETOOLONG/i,
    ],
    means: [
      high(
        "gke.gac-shadows",
        "GOOGLE_APPLICATION_CREDENTIALS points to a file that is not there, or holds the JSON itself.",
      ),
    ],
  },
  {
    topic: "google",
    seen: /need a private key to sign credentials|cannot sign (?:data|url).{0,80}without|signed urls? cannot be generated/i,
    means: [
      medium(
        "gke.direct-unsupported",
        "Signed URLs need a service account that can sign; a directly granted ServiceAccount cannot.",
      ),
    ],
  },
];
