import type { Clues } from "./clues.ts";
import { high, low, medium, REFUSED, type Symptom } from "./symptom.ts";
import { inNamespace, theCaller, theStore } from "./words.ts";

const inside = ({ eso }: Clues): boolean => eso;

function theRemote({ remote }: Clues): string {
  return remote === undefined ? "the entry" : remote;
}

/** Conditions, events and provider errors of External Secrets (failure catalogue, section 6; its tree of 2026-08-08). */
export const EXTERNAL_SECRETS: readonly Symptom[] = [
  {
    topic: "eso-api",
    seen: /no matches for kind "(?:Cluster)?(?:ExternalSecret|SecretStore|PushSecret)" in version "external-secrets\.io\/v1(?:alpha|beta)1"|could not find version "v1(?:alpha|beta)1" of external-secrets\.io/i,
    means: [
      high(
        "eso.api-version",
        "The manifest asks for a version of external-secrets.io that the cluster does not serve: v1beta1 is not served any more since 0.17.",
      ),
      low("eso.not-installed", "Or External Secrets is not installed at all."),
    ],
  },
  {
    topic: "eso-api",
    seen: /no matches for kind "(?:Cluster)?(?:ExternalSecret|SecretStore|PushSecret)"|could not find version "v1" of external-secrets\.io|doesn.?t have a resource type "externalsecrets?"/i,
    means: [
      high("eso.not-installed", "The cluster does not know the kinds of external-secrets.io."),
      medium("eso.api-version", "An installation before 0.16 serves v1beta1 and not yet v1.", (c) =>
        /"(external-secrets\.io\/)?v1"/.test(c.flat),
      ),
    ],
  },
  {
    topic: "eso-api",
    seen: /failed calling webhook "[a-z.-]{0,60}external-?secrets?[a-z.-]{0,60}"/i,
    means: [high("eso.webhook-down", "The API server could not reach the webhook of External Secrets.")],
  },
  {
    topic: "eso-api",
    when: (c) => c.unreached?.place === "eso-webhook",
    means: [high("eso.webhook-down", "The webhook of External Secrets does not answer.")],
  },
  {
    topic: "eso-api",
    seen: /deletionPolicy=\w{1,20} must not be used (?:when the controller doesn.?t own the secret|with creationPolicy=)/i,
    means: [
      high("eso.invalid-combination", "The webhook refuses this deletionPolicy together with this creationPolicy."),
    ],
  },
  {
    topic: "secret",
    seen: /processing spec\.data\[\d{1,4}\] \(key: [^)]{1,253}\), err: cannot find secret data for key: "/i,
    means: [high("eso.remote-missing", "The entry is there, and has no such key (Vault).")],
  },
  {
    topic: "secret",
    seen: /cannot get Kubernetes secret "[^"]{1,253}" from namespace|cannot find secret data for key: "|could not fetch (?:accessKeyID|SecretAccessKey|SessionToken) secret/i,
    means: [
      high(
        "eso.store-auth-secret",
        (c) => `${theStore(c)} takes its own credentials from a Secret or a key that is not there.`,
      ),
    ],
  },
  {
    topic: "eso-sync",
    seen: /using cluster store "[^"]{1,253}" is not allowed from namespace/i,
    means: [high("eso.cluster-store-denied", (c) => `${theStore(c)} does not admit ExternalSecrets${inNamespace(c)}.`)],
  },
  {
    topic: "eso-sync",
    seen: /could not get (?:Cluster)?SecretStore "/i,
    means: [
      high(
        "eso.store-missing",
        (c) => `${theStore(c)} does not exist${c.storeKind === "SecretStore" ? inNamespace(c) : ""}.`,
      ),
      medium("eso.store-kind", (c) =>
        c.storeKind === "SecretStore"
          ? `secretStoreRef.kind is SecretStore where nothing else is said; ${c.store ?? "it"} may be a ClusterSecretStore.`
          : `${c.store ?? "The store"} may be a SecretStore of the namespace.`,
      ),
    ],
  },
  {
    topic: "eso-sync",
    seen: /SecretStore "[^"]{1,253}" is not ready/i,
    means: [high("eso.store-not-ready", (c) => `${theStore(c)} is not ready: its own condition says why.`)],
  },
  {
    topic: "web-identity",
    seen: /not authorized to perform:? sts:AssumeRoleWithWebIdentity/i,
    when: inside,
    means: [
      high("eso.store-irsa", (c) => `STS refused the ServiceAccount of ${theStore(c)}, not that of the database.`),
      medium("irsa.role-missing", "STS says the same when the role does not exist."),
    ],
  },
  {
    topic: "key",
    seen: /invalid header (?:field )?value for "(?:Authorization|X-Vault-Token)"/i,
    when: inside,
    means: [
      high(
        "eso.store-auth-secret",
        (c) => `The key that ${theStore(c)} itself uses contains a newline or another control character.`,
      ),
    ],
  },
  {
    topic: "key",
    seen: /request signature we calculated|SignatureDoesNotMatch|InvalidSignatureException|UnrecognizedClientException|InvalidClientTokenId/i,
    when: inside,
    means: [high("eso.store-auth-secret", (c) => `The provider refused the key that ${theStore(c)} itself uses.`)],
  },
  {
    topic: "web-identity",
    seen: /an IAM role must be associated with service account/i,
    means: [
      high(
        "eso.store-irsa",
        (c) => `The ServiceAccount of ${theStore(c)} has no annotation eks.amazonaws.com/role-arn.`,
      ),
    ],
  },
  {
    topic: "denied",
    seen: /does not have secrets get permission on key vault|Caller is not authorized to perform action on resource/i,
    means: [high("eso.remote-denied", (c) => `Azure lets ${theStore(c)} not read ${theRemote(c)}.`)],
  },
  {
    topic: "denied",
    seen: [
      /secretsmanager:(?:GetSecretValue|DescribeSecret|ListSecrets)|ssm:GetParameters?|secretmanager\.versions\.access|Access to KMS is not allowed/i,
      REFUSED,
    ],
    unless: /assumed-role\/[^\s/]{1,100}\/i-[0-9a-f]{3}/i,
    means: [high("eso.remote-denied", (c) => `${theCaller(c)} may not read ${theRemote(c)} at the provider.`)],
  },
  {
    topic: "denied",
    seen: /permission denied/i,
    unless: /\/var\/run\/secrets\//,
    when: (c) => /Code: 403/i.test(c.flat) || (c.eso && /\bvault\b/i.test(c.flat)),
    means: [high("eso.remote-denied", "Vault refused the store's token: its policy does not cover the path.")],
  },
  {
    topic: "denied",
    seen: [/kms:Decrypt|kms:GenerateDataKey/i, REFUSED],
    unless: /assumed-role\/[^\s/]{1,100}\/i-[0-9a-f]{3}|s3:/i,
    when: inside,
    means: [
      high(
        "eso.remote-denied",
        (c) => `${theCaller(c)} may read the entry, but not the KMS key that it is encrypted with.`,
      ),
    ],
  },
  {
    topic: "eso-sync",
    seen: /Secrets Manager can.?t find the specified secret|Secret \[[^\s\]]{1,253}\] not found or has no versions|(?:^|[:"] ?)Secret does not exist|\bkey \S{1,253} does not exist in secret \S|\bproperty \S{1,253} does not exist in key \S|\bParameterNotFound:/i,
    means: [
      high(
        "eso.remote-missing",
        (c) =>
          `The provider has no ${c.remote === undefined ? "such entry or property" : `${c.remote}, or not the property`}.`,
      ),
    ],
  },
  {
    topic: "eso-sync",
    seen: /(?:target|secret) is owned by another ExternalSecret|failed to take ownership of target secret|could not set controller reference on secret/i,
    means: [high("eso.owner-conflict", "Another ExternalSecret writes the same target Secret.")],
  },
  {
    topic: "eso-sync",
    seen: /could not update secret, target is immutable|unable to update secret \S{1,253}: secret is immutable/i,
    means: [
      high(
        "eso.immutable-target",
        "The target Secret is marked immutable: External Secrets cannot write the new value.",
      ),
    ],
  },
  {
    topic: "eso-sync",
    seen: /will not be created due to CreationPolicy=Merge|\bSecretMissing\b/i,
    means: [
      high(
        "eso.merge-target-missing",
        "creationPolicy is Merge, and the Secret that is to be merged into does not exist.",
      ),
    ],
  },
  {
    topic: "eso-sync",
    seen: /retained due to DeletionPolicy=Retain/i,
    means: [
      medium(
        "eso.remote-missing",
        "External Secrets keeps the old Secret because the provider has no data for it any more.",
      ),
      medium("eso.deletion-policy", "deletionPolicy is Retain: the Secret stays as it last was."),
    ],
  },
  {
    topic: "eso-sync",
    seen: /deleted due to DeletionPolicy=Delete|\bSecretDeleted\b/i,
    means: [high("eso.deletion-policy", "deletionPolicy is Delete: the Secret went when the provider's entry did.")],
  },
  {
    topic: "eso-sync",
    seen: /applying decoding strategy|illegal base64 data/i,
    when: inside,
    means: [
      high(
        "eso.decoding",
        "External Secrets could not decode the provider's value with the decodingStrategy that is set.",
      ),
    ],
  },
  {
    topic: "eso-sync",
    seen: /\bInvalidStoreConfiguration\b|\bInvalidProviderConfig\b|\bValidationUnknown\b|unable to validate store|^unable to create client|could not get provider client/i,
    means: [
      high(
        "eso.store-not-ready",
        (c) => `${theStore(c)} is not ready: External Secrets could not use its configuration.`,
      ),
    ],
  },
  {
    topic: "eso-sync",
    seen: /\bValidationFailed\b|unable to create client/i,
    when: inside,
    means: [high("eso.store-not-ready", (c) => `${theStore(c)} did not pass its own validation.`)],
  },
  {
    topic: "eso-sync",
    seen: /\bSecretSyncedError\b|could not get secret data from provider|could not update secret\b/i,
    means: [
      low(
        "eso.sync-error",
        "External Secrets could not sync; its condition says no more, the event UpdateFailed has the provider's words.",
      ),
    ],
  },
  {
    topic: "eso-sync",
    seen: /\bUpdateFailed\b/i,
    when: inside,
    means: [low("eso.sync-error", "External Secrets could not sync.")],
  },
];
