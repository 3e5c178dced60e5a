import type { Collector } from "./collector.ts";
import { externalSecretsApiCollector } from "./external-secrets/api.ts";
import { syncEventsCollector } from "./external-secrets/events.ts";
import { externalSecretsCollector } from "./external-secrets/external-secrets.ts";
import { storeIdentitiesCollector } from "./external-secrets/store-identities.ts";
import { storeSecretsCollector } from "./external-secrets/store-secrets.ts";
import { secretStoresCollector } from "./external-secrets/stores.ts";
import { externalSecretsWebhookCollector } from "./external-secrets/webhook.ts";

/** The objects of External Secrets that write the cluster's Secrets. */
export const EXTERNAL_SECRETS_COLLECTORS: readonly Collector[] = [
  externalSecretsApiCollector,
  externalSecretsCollector,
  secretStoresCollector,
  syncEventsCollector,
  storeSecretsCollector,
  storeIdentitiesCollector,
  externalSecretsWebhookCollector,
];
