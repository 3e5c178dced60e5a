import { ListOpenIDConnectProvidersCommand, ListRolePoliciesCommand, ListRolesCommand } from "@aws-sdk/client-iam";

import type { AnyObject } from "../follow.ts";
import type { IdentityWorld } from "./identity-world.ts";
import { BACKUP, CLUSTER } from "./world.ts";

/** All that `init irsa` can leave, in the account and in the namespace: two of these are equal where nothing was left. */
export async function whatInitWrites(world: IdentityWorld): Promise<AnyObject> {
  const { admin } = world.cluster;
  const { Roles = [] } = await world.iam.send(new ListRolesCommand());
  const roles = Roles.flatMap(({ RoleName }) => (RoleName === world.role ? [RoleName] : []));
  const policies = await Promise.all(
    roles.map(async (RoleName) => (await world.iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames),
  );
  const { OpenIDConnectProviderList = [] } = await world.iam.send(new ListOpenIDConnectProvidersCommand());
  const names = async (kind: string): Promise<string[]> => {
    const { items } = await admin.must("GET", `/api/v1/namespaces/${world.namespace}/${kind}`);
    return items.map(({ metadata }: AnyObject) => metadata.name);
  };
  const { serviceAccountName, config } = (await admin.must("GET", world.antfly("antflyclusters", CLUSTER))).spec;
  const { destination } = (await admin.must("GET", world.antfly("antflybackups", BACKUP))).spec;
  return {
    providers: OpenIDConnectProviderList.map(({ Arn }) => Arn),
    roles,
    policies,
    serviceAccounts: await names("serviceaccounts"),
    notes: (await names("configmaps")).filter((name) => name.startsWith("antfly-creds")),
    cluster: { serviceAccountName, config },
    destination,
  };
}
