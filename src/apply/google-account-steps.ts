import { UserError } from "../domain/errors.ts";
import type { StepOf } from "../domain/plan.ts";
import { assertAsPlanned, FOUND_WITHIN_MS, lookUntil, orNothing, untilShown } from "./cloud-look.ts";
import { assertNotGiven, findGiven, give, takeBack, type PolicyPlace } from "./google-policy.ts";
import { googleOf, type StepHandler, type Workshop } from "./handler.ts";
import { markOf } from "./marks.ts";

export const createAccount: StepHandler<"google.account.create"> = {
  preview: async ({ with: { email } }, shop) => {
    const found = await orNothing(googleOf(shop).getServiceAccount(email));
    assertAsPlanned(found === undefined, `Google service account ${email}`);
  },
  previewAgain: true,
  apply: async ({ with: { email, project, id, displayName, description } }, shop) => {
    const google = googleOf(shop);
    const marked = `${description} ${markOf(shop.runId)}`;
    const { uniqueId } = await google.createServiceAccount({ project, id, displayName, description: marked });
    await untilShown(shop, async () => (await orNothing(google.getServiceAccount(email))) !== undefined);
    return { email, uniqueId };
  },
  find: ({ with: { email } }, shop) =>
    lookUntil(shop, FOUND_WITHIN_MS, async () => {
      const found = await orNothing(googleOf(shop).getServiceAccount(email));
      return found?.description.includes(markOf(shop.runId)) === true ? { email, uniqueId: found.uniqueId } : undefined;
    }),
  undo: async ({ with: { email } }, { made }, shop) => {
    const google = googleOf(shop);
    const found = await orNothing(google.getServiceAccount(email));
    if (found === undefined) return;
    // Somebody may have deleted it and made another one of that name.
    if (found.uniqueId !== made["uniqueId"])
      throw new UserError("stale", `Google service account ${email} is not the one that was made`);
    await google.deleteServiceAccount(email);
  },
};

export const bindAccount: StepHandler<"google.account.bind"> = {
  preview: (step, shop) => assertNotGiven(policyOf(step, shop), step.with),
  previewAgain: true,
  apply: (step, shop) => give(policyOf(step, shop), step.with, shop),
  find: (step, shop) => findGiven(policyOf(step, shop), step.with, shop),
  undo: (step, { made }, shop) => takeBack(policyOf(step, shop), step.with, made, shop),
};

function policyOf({ with: { email } }: StepOf<"google.account.bind">, shop: Workshop): PolicyPlace {
  const google = googleOf(shop);
  return {
    what: `the policy of Google service account ${email}`,
    read: () => google.getServiceAccountPolicy(email),
    write: (policy) => google.setServiceAccountPolicy(email, policy),
  };
}
