import * as z from "zod/mini";

import { GET_POD_IDENTITY_AGENT, LIST_WEBHOOKS } from "../domain/grants.ts";
import { absent, known } from "../domain/known.ts";
import { DAEMON_SET, MUTATING_WEBHOOK } from "../domain/resources.ts";
import { defineCollector, toKnown } from "./collector.ts";
import { metadata, once, text } from "./objects/schemas.ts";

const AGENT = "eks-pod-identity-agent";
const daemonSet = once(() =>
  z.object({
    status: z.nullish(z.object({ desiredNumberScheduled: z.nullish(z.number()), numberReady: z.nullish(z.number()) })),
  }),
);
const webhookConfiguration = once(() =>
  z.object({
    metadata,
    webhooks: z.nullish(z.array(z.object({ name: text, failurePolicy: z.nullish(text) }))),
  }),
);

/** Looked for where pods are meant to have their identity from it. */
export const podIdentityAgentCollector = defineCollector({
  gives: "podIdentityAgent",
  needs: ["podIdentity"],
  collect: async (_, { reader }) => {
    const origin = { via: "kube", ref: `DaemonSet ${AGENT}` } as const;
    const found = await toKnown(origin.ref, GET_POD_IDENTITY_AGENT, async () => {
      const { status } = z.parse(daemonSet(), await reader.get(DAEMON_SET, "kube-system", AGENT));
      const { desiredNumberScheduled: desired, numberReady: ready } = status ?? {};
      return known({ installed: true, desired: desired ?? 0, ready: ready ?? 0 }, origin);
    });
    return found.state === "absent" ? known({ installed: false, desired: 0, ready: 0 }, origin) : found;
  },
});

/** Looked for where a pod that should have a role was given none. */
export const identityWebhookCollector = defineCollector({
  gives: "identityWebhook",
  needs: ["serviceAccount", "pods"],
  collect: async ({ serviceAccount: { awsRole }, pods }, { reader }) => {
    const ref = "the webhook of IRSA";
    const bare = pods.some(
      ({ identity, terminating }) => !terminating && identity?.variables["AWS_ROLE_ARN"] === undefined,
    );
    if (awsRole === undefined || !bare) return absent({ via: "kube", ref });
    return toKnown(ref, LIST_WEBHOOKS, async () => {
      const all = (await reader.list(MUTATING_WEBHOOK, undefined)).map((one) => z.parse(webhookConfiguration(), one));
      const own = all.filter(({ metadata: { name }, webhooks }) =>
        [name, ...(webhooks ?? []).map((hook) => hook.name)].some((one) =>
          /pod-identity-webhook|iam-for-pods/.test(one),
        ),
      );
      const policies = own.flatMap(({ webhooks }) =>
        (webhooks ?? []).map(({ failurePolicy }) => failurePolicy ?? "Fail"),
      );
      const names = own.map(({ metadata: { name } }) => name);
      return known({ names, failurePolicy: policies[0] }, { via: "kube", ref });
    });
  },
});
