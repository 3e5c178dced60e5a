import { orNothing } from "../apply/cloud-look.ts";
import { shell } from "../domain/shell.ts";
import type { Aws } from "../ports.ts";
import type { LeftBy } from "./earlier-run.ts";
import type { RoleOptions } from "./identity-options.ts";
import type { Home } from "./identity-role.ts";
import type { IdentityKind } from "./init-identity.ts";

/** What both kinds of identity on AWS have in common. */
export const ROLE_KIND = {
  gives: "a role",
  where: "AWS",
  keys: ({ cluster: { namespace, name } }, _, flags) =>
    shell`antfly-creds init secret ${name} -n ${namespace} --provider aws ${flags}`,
  files: { script: "aws.sh", terraform: "role.tf" },
  proof: {
    of: "role",
    eventually: new Set([
      "irsa.assume-denied",
      "irsa.oidc-provider-missing",
      "irsa.provider-aud-missing",
      "irsa.role-no-permissions",
    ]),
    shownWithinMs: 30_000,
    codes: ["ANT0601", "ANT0602"],
  },
} satisfies Partial<IdentityKind<RoleOptions>>;

export function rightsOf(init: string, { role }: RoleOptions): string[] {
  return [init, ...(role === undefined ? [] : ["--role", role])];
}

/** The account and partition that the tool itself is in. */
export async function homeOf(aws: Aws): Promise<Home> {
  const { account, arn } = await aws.callerIdentity();
  return { account, partition: arn.split(":")[1] ?? "aws" };
}

/** A role of that run which is not `role`, the one in use now. */
export function roleLeftBy(aws: Aws, role: string): LeftBy {
  return async (step, note) => {
    const name = step.do === "aws.role.create" ? step.arn?.split("/").at(-1) : undefined;
    if (name === undefined || role === step.arn) return undefined;
    const left = await orNothing(aws.getRole(name)).catch(() => undefined);
    if (left?.tags["antfly-creds/run"] !== note.run) return undefined;
    const policies = await aws.listRolePolicies(name).catch(() => []);
    const commands = [
      ...policies.map((policy) => shell`aws iam delete-role-policy --role-name ${name} --policy-name ${policy}`),
      shell`aws iam delete-role --role-name ${name}`,
    ];
    return `it is there, and nothing uses it; this removes it: ${commands.join(" && ")}`;
  };
}
