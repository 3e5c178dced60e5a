import { sameJsonText } from "../domain/json.ts";
import type { StepOf } from "../domain/plan.ts";
import { AwsError, type IamRole } from "../ports.ts";
import { assertAsPlanned, FOUND_WITHIN_MS, lookUntil, orNothing, untilShown } from "./cloud-look.ts";
import { awsOf, type StepHandler, type Workshop } from "./handler.ts";
import { isOfThisRun, tagsOf } from "./marks.ts";

const DELETE_TRIES = 5;
const DELETE_PAUSE_MS = 1_000;

export const createRole: StepHandler<"aws.role.create"> = {
  preview: async ({ with: { name } }, shop) => {
    assertAsPlanned((await role(name, shop)) === undefined, `IAM role ${name}`);
  },
  previewAgain: true,
  apply: async ({ with: { name, path, description, trustPolicy } }, shop) => {
    const { arn } = await awsOf(shop).createRole({ name, path, description, trustPolicy, tags: tagsOf(shop) });
    await untilShown(shop, async () => (await role(name, shop)) !== undefined);
    return { arn, name };
  },
  find: ({ with: { name } }, shop) =>
    lookUntil(shop, FOUND_WITHIN_MS, async () => {
      const found = await role(name, shop);
      return found !== undefined && isOfThisRun(found.tags, shop) ? { arn: found.arn, name } : undefined;
    }),
  undo: async ({ with: { name } }, _, shop) => {
    for (let left = DELETE_TRIES - 1; ; left--) {
      try {
        return await awsOf(shop).deleteRole(name);
      } catch (error) {
        // The inline policy that was taken away a moment ago may still be counted.
        if (left === 0 || !(error instanceof AwsError) || error.code !== "DeleteConflict") throw error;
        await shop.app.sleep(DELETE_PAUSE_MS);
      }
    }
  },
};

/** A trust policy is replaced as a whole: what stands in it must be what the new one was made from, and so with the undo. */
export const changeTrust: StepHandler<"aws.role.trust"> = {
  preview: async ({ with: { role: name, before } }, shop) => {
    assertAsPlanned(await trusts(name, before, shop), `the trust policy of IAM role ${name}`);
  },
  previewAgain: true,
  apply: async ({ with: { role: name, before, after } }, shop) => {
    // Once more right before the write: IAM has no precondition.
    assertAsPlanned(await trusts(name, before, shop), `the trust policy of IAM role ${name}`);
    await awsOf(shop).updateTrustPolicy(name, after);
    await untilShown(shop, () => trusts(name, after, shop));
    return { name };
  },
  find: ({ with: { role: name, after } }, shop) =>
    lookUntil(shop, FOUND_WITHIN_MS, async () => ((await trusts(name, after, shop)) ? { name } : undefined)),
  undo: async ({ with: { role: name, before, after } }, _, shop) => {
    assertAsPlanned(await trusts(name, after, shop), `the trust policy of IAM role ${name}`);
    await awsOf(shop).updateTrustPolicy(name, before);
  },
};

/** An inline policy of a name of our own; others are never touched. */
export const writeRolePolicy: StepHandler<"aws.role.policy"> = {
  preview: async (step, shop) => {
    assertAsPlanned(await permits(step, step.with.before, shop), describe(step));
  },
  previewAgain: true,
  apply: async (step, shop) => {
    const { role: name, policy, before, after } = step.with;
    assertAsPlanned(await permits(step, before, shop), describe(step));
    await awsOf(shop).putRolePolicy(name, policy, after);
    await untilShown(shop, () => permits(step, after, shop));
    return { name, policy };
  },
  find: (step, shop) =>
    lookUntil(shop, FOUND_WITHIN_MS, async () =>
      (await permits(step, step.with.after, shop)) ? { name: step.with.role, policy: step.with.policy } : undefined,
    ),
  undo: async (step, _, shop) => {
    const { role: name, policy, before, after } = step.with;
    assertAsPlanned(await permits(step, after, shop), describe(step));
    const aws = awsOf(shop);
    await (before === undefined ? aws.deleteRolePolicy(name, policy) : aws.putRolePolicy(name, policy, before));
  },
};

function role(name: string, shop: Workshop): Promise<IamRole | undefined> {
  return orNothing(awsOf(shop).getRole(name));
}

async function trusts(name: string, document: string, shop: Workshop): Promise<boolean> {
  const found = await role(name, shop);
  return found !== undefined && sameJsonText(found.trustPolicy, document);
}

/** Whether the role's policy of this name is the document; undefined: whether it has none. */
async function permits(
  step: StepOf<"aws.role.policy">,
  document: string | undefined,
  shop: Workshop,
): Promise<boolean> {
  const found = await orNothing(awsOf(shop).getRolePolicy(step.with.role, step.with.policy));
  return found === undefined || document === undefined ? found === document : sameJsonText(found, document);
}

function describe({ with: { role: name, policy } }: StepOf<"aws.role.policy">): string {
  return `the inline policy ${policy} of IAM role ${name}`;
}
