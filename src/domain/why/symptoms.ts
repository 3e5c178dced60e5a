import type { Symptom } from "./symptom.ts";
import { ANTFLY } from "./symptoms-antfly.ts";
import { BARE_DENIED } from "./symptoms-bare-denied.ts";
import { DENIED } from "./symptoms-denied.ts";
import { EXTERNAL_SECRETS } from "./symptoms-external-secrets.ts";
import { GOOGLE_STORAGE } from "./symptoms-google-storage.ts";
import { GOOGLE } from "./symptoms-google.ts";
import { IAM } from "./symptoms-iam.ts";
import { IDENTITY } from "./symptoms-identity.ts";
import { KEYS } from "./symptoms-keys.ts";
import { KUBERNETES } from "./symptoms-kubernetes.ts";
import { NETWORK } from "./symptoms-network.ts";
import { NO_CREDENTIALS } from "./symptoms-no-credentials.ts";
import { S3 } from "./symptoms-s3.ts";
import { UNKNOWN_KEYS } from "./symptoms-unknown-keys.ts";

/**
 * The only list of symptoms. Order counts within a topic, and among candidates of the same confidence: External Secrets
 * pass on the errors of others, so that they are asked first, and a host that was not reached comes before its credentials.
 */
export const SYMPTOMS: readonly Symptom[] = [
  ...EXTERNAL_SECRETS,
  ...KUBERNETES,
  ...ANTFLY,
  ...NETWORK,
  ...GOOGLE,
  ...GOOGLE_STORAGE,
  ...NO_CREDENTIALS,
  ...IDENTITY,
  ...IAM,
  ...DENIED,
  ...BARE_DENIED,
  ...KEYS,
  ...UNKNOWN_KEYS,
  ...S3,
];
