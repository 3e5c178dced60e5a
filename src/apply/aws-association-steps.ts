import type { StepOf } from "../domain/plan.ts";
import { assertAsPlanned, FOUND_WITHIN_MS, lookUntil, untilShown } from "./cloud-look.ts";
import { awsOf, type StepHandler, type Workshop } from "./handler.ts";
import { tagsOf } from "./marks.ts";

type Associate = StepOf<"aws.association.create">;

export const createAssociation: StepHandler<"aws.association.create"> = {
  preview: async (step, shop) => {
    const { namespace, serviceAccount } = step.with;
    const what = `the Pod Identity association of ServiceAccount ${namespace}/${serviceAccount}`;
    assertAsPlanned((await idOf(step, shop)) === undefined, what);
  },
  previewAgain: true,
  apply: async (step, shop) => {
    // EKS takes calls with one token for one and the same.
    const { id } = await awsOf(shop).createPodIdentityAssociation({
      ...step.with,
      tags: tagsOf(shop),
      requestToken: shop.runId,
    });
    await untilShown(shop, async () => (await idOf(step, shop)) !== undefined);
    return { id };
  },
  // A ServiceAccount has one at most, and before this step it had none.
  find: (step, shop) =>
    lookUntil(shop, FOUND_WITHIN_MS, async () => {
      const id = await idOf(step, shop);
      if (id === undefined) return undefined;
      const { roleArn } = await awsOf(shop).describePodIdentityAssociation(step.with.cluster, id);
      return roleArn === step.with.roleArn ? { id } : undefined;
    }),
  undo: async ({ with: { cluster } }, { made }, shop) => {
    await awsOf(shop).deletePodIdentityAssociation(cluster, made["id"] ?? "");
  },
};

async function idOf(
  { with: { cluster, namespace, serviceAccount } }: Associate,
  shop: Workshop,
): Promise<string | undefined> {
  const list = await awsOf(shop).listPodIdentityAssociations(cluster, namespace);
  return list.find((one) => one.serviceAccount === serviceAccount)?.id;
}
