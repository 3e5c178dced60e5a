import * as z from "zod/mini";

import { EXTERNAL_SECRETS_GROUP, type ExternalSecretsWebhook } from "../../domain/external-secrets-facts.ts";
import { LIST_ENDPOINT_SLICES, LIST_VALIDATING_WEBHOOKS } from "../../domain/external-secrets-grants.ts";
import { absent, known, valueOf, type Known, type Origin } from "../../domain/known.ts";
import { ENDPOINT_SLICE, VALIDATING_WEBHOOK } from "../../domain/resources.ts";
import type { Reader } from "../../ports.ts";
import { defineCollector, toKnown } from "../collector.ts";
import { metadata, once, text } from "../objects/schemas.ts";
import { isAiling } from "./events.ts";

const ORIGIN: Origin = { via: "kube", ref: "the webhook of External Secrets" };

const configuration = once(() =>
  z.object({
    metadata,
    webhooks: z.nullish(
      z.array(
        z.object({
          failurePolicy: z.nullish(text),
          clientConfig: z.nullish(z.object({ service: z.nullish(z.object({ namespace: text, name: text })) })),
          rules: z.nullish(
            z.array(z.object({ apiGroups: z.nullish(z.array(text)), resources: z.nullish(z.array(text)) })),
          ),
        }),
      ),
    ),
  }),
);

const slice = once(() =>
  z.object({
    endpoints: z.nullish(
      z.array(
        z.object({
          addresses: z.nullish(z.array(text)),
          conditions: z.nullish(z.object({ ready: z.nullish(z.boolean()) })),
        }),
      ),
    ),
  }),
);

/** Looked for where a Secret is missing that no ExternalSecret has made: it may be what refuses one. */
export const externalSecretsWebhookCollector = defineCollector({
  gives: "externalSecretsWebhook",
  needs: ["references", "externalSecrets"],
  wants: ["externalSecretsApi"],
  collect: ({ references, externalSecrets }, { reader }, { externalSecretsApi }) => {
    const missing = Object.values(references.secrets).some(({ state }) => state === "absent");
    const isInstalled = ((externalSecretsApi && valueOf(externalSecretsApi)?.versions.length) ?? 0) > 0;
    const wanted = isInstalled && (missing || externalSecrets.some(isAiling));
    return wanted ? readWebhook(reader) : Promise.resolve(absent(ORIGIN));
  },
});

function readWebhook(reader: Reader): Promise<Known<ExternalSecretsWebhook>> {
  return toKnown<ExternalSecretsWebhook>(ORIGIN.ref, LIST_VALIDATING_WEBHOOKS, async () => {
    const all = (await reader.list(VALIDATING_WEBHOOK, undefined)).map((object) => z.parse(configuration(), object));
    const found = all.flatMap(({ metadata: { name }, webhooks }) =>
      (webhooks ?? []).flatMap(({ rules, clientConfig, failurePolicy }) => {
        const mine = (rules ?? []).some(
          ({ apiGroups, resources }) =>
            (apiGroups ?? []).includes(EXTERNAL_SECRETS_GROUP) && (resources ?? []).includes("externalsecrets"),
        );
        const service = clientConfig?.service;
        return mine && service ? [{ name, service, failurePolicy: failurePolicy ?? "Fail" }] : [];
      }),
    )[0];
    if (found === undefined) return absent(ORIGIN);
    return toKnown<ExternalSecretsWebhook>(ORIGIN.ref, LIST_ENDPOINT_SLICES, async () => {
      const { namespace, name } = found.service;
      const labelSelector = `kubernetes.io/service-name=${name}`;
      const slices = await reader.list(ENDPOINT_SLICE, namespace, { labelSelector });
      const endpoints = slices.flatMap((object) => z.parse(slice(), object).endpoints ?? []);
      // Endpoints that do not say otherwise are ready (API of EndpointSlice, conditions.ready).
      const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false);
      const readyEndpoints = ready.reduce((sum, { addresses }) => sum + (addresses ?? []).length, 0);
      return known({ ...found, readyEndpoints }, ORIGIN);
    });
  });
}
