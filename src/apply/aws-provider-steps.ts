import { assertAsPlanned, FOUND_WITHIN_MS, lookUntil, orNothing, untilShown } from "./cloud-look.ts";
import { awsOf, type StepHandler, type Workshop } from "./handler.ts";
import { isOfThisRun, tagsOf } from "./marks.ts";

export const createProvider: StepHandler<"aws.provider.create"> = {
  preview: async ({ with: { arn, url } }, shop) => {
    assertAsPlanned((await clientIds(arn, shop)) === undefined, `the IAM OIDC provider of ${url}`);
  },
  previewAgain: true,
  apply: async ({ with: { url, clientIds: ids } }, shop) => {
    const arn = await awsOf(shop).createOidcProvider(url, ids, tagsOf(shop));
    await untilShown(shop, async () => (await clientIds(arn, shop)) !== undefined);
    return { arn };
  },
  find: ({ with: { arn } }, shop) =>
    lookUntil(shop, FOUND_WITHIN_MS, async () => {
      const found = await orNothing(awsOf(shop).getOidcProvider(arn));
      return isOfThisRun(found?.tags, shop) ? { arn } : undefined;
    }),
  undo: async (_, { made }, shop) => {
    await awsOf(shop).deleteOidcProvider(made["arn"] ?? "");
  },
};

export const addClientId: StepHandler<"aws.provider.add-client"> = {
  preview: async ({ with: { arn, clientId } }, shop) => {
    assertAsPlanned((await clientIds(arn, shop))?.includes(clientId) === false, `the list of client ids of ${arn}`);
  },
  previewAgain: true,
  apply: async ({ with: { arn, clientId } }, shop) => {
    await awsOf(shop).addClientId(arn, clientId);
    await untilShown(shop, async () => (await clientIds(arn, shop))?.includes(clientId) === true);
    return { arn, clientId };
  },
  find: ({ with: { arn, clientId } }, shop) =>
    lookUntil(shop, FOUND_WITHIN_MS, async () =>
      (await clientIds(arn, shop))?.includes(clientId) === true ? { arn, clientId } : undefined,
    ),
  undo: async ({ with: { arn, clientId } }, _, shop) => {
    await awsOf(shop).removeClientId(arn, clientId);
  },
};

/** Undefined where there is no such provider. */
async function clientIds(arn: string, shop: Workshop): Promise<readonly string[] | undefined> {
  return (await orNothing(awsOf(shop).getOidcProvider(arn)))?.clientIds;
}
